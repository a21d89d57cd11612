// Packs the built program, installs it beside a foreign package.json as npm lays it out, and uses it: version, a run of
// the sample, its report, a signal. Dependencies are linked from the checkout, so that no registry is asked.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface PackageFile {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile;
const work = mkdtempSync(join(tmpdir(), 'kona-installed-'));
const checked: string[] = [];

function expectEqual(what: string, found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`);
  }
  checked.push(what);
}

/** Returns the bin of the installed package, as `npx kona-enroll` finds it. */
function install(app: string): string {
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', work], {
    cwd: root,
    encoding: 'utf8',
  });
  const [tarball] = JSON.parse(packed) as { filename: string; files: { path: string }[] }[];
  if (tarball === undefined) throw new Error('npm pack told of no file');
  const home = join(app, 'node_modules', 'kona-enroll');
  mkdirSync(home, { recursive: true });
  mkdirSync(join(app, 'node_modules', '.bin'));
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'foreign', version: '9.9.9' }));
  execFileSync('tar', ['-xzf', join(work, tarball.filename), '-C', home, '--strip-components=1']);
  for (const name of Object.keys(dependencies)) {
    const link = join(app, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  chmodSync(join(home, 'dist/cli/bin.js'), 0o755);
  const bin = join(app, 'node_modules', '.bin', 'kona-enroll');
  symlinkSync('../kona-enroll/dist/cli/bin.js', bin);
  return bin;
}

async function checkSignal(bin: string, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(bin, ['sandbox'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stdout, 'data');
  if (process.platform === 'linux') {
    const line = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0');
    expectEqual('the memory flags are in force', line.includes('--max-semi-space-size=8'), true);
  }
  child.kill('SIGTERM');
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  expectEqual('a signal reaches the program itself', [code, signal], [0, null]);
}

try {
  const app = join(work, 'app');
  const bin = install(app);
  const cwd = join(work, 'folder');
  for (const name of ['jobs', 'samples']) cpSync(join(root, name), join(cwd, name), { recursive: true });
  const env = { PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`, HOME: work };
  const use = (...argv: string[]) => spawnSync(bin, argv, { cwd, env, encoding: 'utf8' });
  expectEqual(
    'the first line is one every env understands',
    readFileSync(bin, 'utf8').split('\n')[0],
    '#!/usr/bin/env node',
  );
  expectEqual(
    'a new ledger is unpacked',
    existsSync(join(app, 'node_modules/kona-enroll/prepared/embedded-ledger.zst')),
    true,
  );
  expectEqual('--version is ours', use('--version').stdout, `${version}\n`);
  const run = use('run', 'jobs/demo.yaml', '--json', '--quiet');
  expectEqual('a run of the sample ends as it should', run.status, 4);
  const summary = JSON.parse(run.stdout) as {
    readonly programVersion: string;
    readonly totalsAgree: boolean;
  };
  expectEqual('its summary names the version', summary.programVersion, version);
  expectEqual('its totals agree', summary.totalsAgree, true);
  expectEqual('its report is written again', use('report').status, 0);
  expectEqual('and is right', use('report', '--verify').status, 0);
  expectEqual(
    'a hint names a command that exists',
    /Next: kona-enroll /.test(use('run', 'jobs/demo.yaml').stdout),
    true,
  );
  await checkSignal(bin, cwd, env);
  process.stdout.write(`installed: ${checked.length} things looked at, all right\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
