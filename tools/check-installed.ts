// Packs the built program, installs it in both ways the README names, and uses it under each Node version it
// supports: version, a run of the sample, its report, a first job file, a signal. Installed from its own folder it
// must get the tested versions of all dependencies, and no others. npm takes from its cache what `npm ci` has put
// there.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryFlags } from '../src/cli/memory-flags.ts';
import { readLock, withoutDevelopment } from './lock-file.ts';
import { packProgram } from './pack.ts';

interface PackageFile {
  readonly version: string;
  readonly engines: { readonly node: string };
}

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile;
const work = mkdtempSync(join(tmpdir(), 'kona-installed-'));
const checked: string[] = [];

function expectEqual(what: string, found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`);
  }
  checked.push(what);
}

function npm(cwd: string, ...argv: string[]): string {
  return execFileSync('npm', [...argv, '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Installs into a folder of its own, with the versions of its shrinkwrap. Returns the program's path. */
function installAlone(tarball: string): string {
  const home = join(work, 'alone');
  mkdirSync(home);
  execFileSync('tar', ['-xzf', tarball, '-C', home, '--strip-components=1']);
  npm(home, 'ci', '--omit=dev');
  checkDependencies(home);
  return join(home, 'dist/cli/bin.js');
}

/** Installs beside a foreign package.json. Returns the program's path as `npx kona-enroll` finds it. */
function installBeside(tarball: string): string {
  const app = join(work, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'foreign', version: '9.9.9' }));
  npm(app, 'install', tarball);
  return join(app, 'node_modules', '.bin', 'kona-enroll');
}

function checkDependencies(home: string): void {
  const tested = Object.entries(withoutDevelopment(readLock(root)).packages).filter(([path]) => path !== '');
  if (tested.length < 20) throw new Error('the lock file names hardly any dependency');
  const versions = tested.map(([path, { version: wanted }]) => [path, wanted]);
  const installed = tested.map(([path]) => [path, versionIn(join(home, path))]);
  expectEqual('the tested versions are installed', installed, versions);
  const development = ['vitest', 'typescript'].filter((name) => existsSync(join(home, 'node_modules', name)));
  expectEqual('no development dependency is', development, []);
}

function versionIn(folder: string): string | null {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PackageFile).version : null;
}

/** Returns the folder of that version's binary, which is kept between runs; null: the registry can't be reached. */
function nodeFolder(wanted: string): string | null {
  const kept = join(root, 'node_modules/.cache/kona-enroll', `node-${wanted}`);
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(kept, 'node_modules', name, 'bin');
  if (existsSync(join(folder, 'node'))) return folder;
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, 'package.json'), '{}');
  try {
    npm(kept, 'install', '--ignore-scripts', `${name}@${wanted}`);
  } catch {
    return null;
  }
  return folder;
}

interface TriedNode {
  readonly version: string;
  /** Folder with the binary. */
  readonly folder: string;
}

/** Returns the oldest version package.json allows, the version of the tests, and the newest version. */
function nodesToTry(): readonly [TriedNode, ...TriedNode[]] {
  const oldest = `${engines.node.replace('>=', '')}.0`;
  const others = [oldest, newestNode()].flatMap((wanted) => {
    const folder = wanted === null ? null : nodeFolder(wanted);
    if (folder === null) process.stdout.write(`not tried: Node ${wanted ?? 'newest'}, no registry answers\n`);
    return wanted === null || folder === null ? [] : [{ version: wanted, folder }];
  });
  return [{ version: process.versions.node, folder: join(root, 'node_modules/.bin') }, ...others];
}

function newestNode(): string | null {
  try {
    return npm(root, 'view', 'node', 'version', '--prefer-online').trim();
  } catch {
    return null;
  }
}

async function checkSignal(bin: string, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(bin, ['sandbox'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stdout, 'data');
  if (process.platform === 'linux') {
    const line = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0');
    expectEqual(
      'the memory flags are in force',
      memoryFlags.filter((flag) => !line.includes(flag)),
      [],
    );
    const held = readFileSync(`/proc/${child.pid}/environ`, 'utf8').split('\0');
    expectEqual('the allocator is set', held.includes('MALLOC_ARENA_MAX=1'), true);
  }
  child.kill('SIGTERM');
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  expectEqual('a signal reaches the program itself', [code, signal], [0, null]);
}

async function checkUse(bin: string, node: TriedNode): Promise<void> {
  const cwd = join(work, `folder-${node.version}`);
  for (const name of ['jobs', 'samples']) cpSync(join(root, name), join(cwd, name), { recursive: true });
  const env = { PATH: `${node.folder}:${process.env['PATH'] ?? ''}`, HOME: work };
  const use = (...argv: string[]) => spawnSync(bin, argv, { cwd, env, encoding: 'utf8' });
  const nodeItself = spawnSync('node', ['--version'], { env, encoding: 'utf8' });
  expectEqual('it runs under this Node', nodeItself.stdout, `v${node.version}\n`);
  expectEqual('--version is ours', use('--version').stdout, `${version}\n`);
  const run = use('run', 'jobs/demo.yaml', '--json', '--quiet');
  expectEqual(
    'a run of the sample ends as it should',
    [run.status, run.stderr.split('\n').filter((line) => line.includes('Warning'))],
    [4, []],
  );
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
  const first = use('init', '--csv', 'members.csv', '--base-url', 'sandbox');
  expectEqual('a first job file is written', [first.status, first.stderr], [0, '']);
  expectEqual('doctor finds nothing wrong with it', use('doctor', 'members.yaml').status, 0);
  expectEqual('its plan passes', use('plan', 'members.yaml').status, 0);
  await checkSignal(bin, cwd, env);
}

try {
  const tarball = packProgram(work);
  const beside = installBeside(tarball);
  const bin = installAlone(tarball);
  expectEqual(
    'the first line is one every env understands',
    readFileSync(bin, 'utf8').split('\n')[0],
    '#!/usr/bin/env node',
  );
  expectEqual('a new ledger is unpacked', existsSync(join(work, 'alone/prepared/embedded-ledger.zst')), true);
  const [own, ...others] = nodesToTry();
  await checkUse(beside, own);
  for (const node of others) await checkUse(bin, node);
  const versions = [own, ...others].map((node) => node.version).join(', ');
  process.stdout.write(`installed: ${checked.length} things looked at under Node ${versions}, all right\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
