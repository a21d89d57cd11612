import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface ShellEnd {
  readonly exitCode: number | null;
  readonly output: string;
}

/** A folder as a newcomer's checkout is, in which command lines are run by a real shell, and npm is ours. */
export interface ReadmeShell extends AsyncDisposable {
  readonly cwd: string;
  run(line: string): Promise<ShellEnd>;
  /** Runs on until the end of the scope; resolves when it has said `text`. */
  serve(line: string, text: string): Promise<void>;
  /** What npm was asked to do, in order. */
  npmCalls(): Promise<readonly string[]>;
}

/** Exit code of our npm for what it does not know, and of a line that is no command we know. */
export const UNKNOWN_COMMAND = 99;

const KNOWN_LINE = /^(?:KONA_BASE_URL=sandbox )?npm |^cp /;

export async function createReadmeShell(): Promise<ReadmeShell> {
  const folder = await mkdtemp(join(tmpdir(), 'kona-readme-'));
  const cwd = join(folder, 'checkout');
  await cp('jobs', join(cwd, 'jobs'), { recursive: true });
  await cp('samples', join(cwd, 'samples'), { recursive: true });
  const calls = join(folder, 'npm-calls');
  await writeFile(calls, '');
  await writeNpm(join(folder, 'bin'), calls);
  const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
  const started: (() => Promise<void>)[] = [];

  function start(line: string) {
    // A group of its own, so that what the shell starts can be ended with it.
    const child = spawn('sh', ['-c', line], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const heard = { text: '', more: Promise.withResolvers<void>() };
    const hear = (text: string): void => {
      heard.text += text;
      heard.more.resolve();
      heard.more = Promise.withResolvers<void>();
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    const closed = once(child, 'close').then(([exitCode]) => {
      hear('');
      return exitCode as number | null;
    });
    return { child, heard, closed };
  }

  return {
    cwd,
    run: async (line) => {
      if (!KNOWN_LINE.test(line)) return { exitCode: UNKNOWN_COMMAND, output: `no command we know: ${line}` };
      const { heard, closed } = start(line);
      return { exitCode: await closed, output: heard.text };
    },
    serve: async (line, text) => {
      const { child, heard, closed } = start(line);
      started.push(async () => {
        if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
        await closed;
      });
      while (!heard.text.includes(text)) {
        if (child.exitCode !== null) throw new Error(`ended without saying "${text}": ${heard.text}`);
        await heard.more.promise;
      }
    },
    npmCalls: async () => (await readFile(calls, 'utf8')).split('\n').filter((call) => call !== ''),
    [Symbol.asyncDispose]: async () => {
      for (const end of started) await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An npm that has installed already, starts the program of this checkout, and knows nothing else. */
async function writeNpm(folder: string, calls: string): Promise<void> {
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as {
    scripts: Record<'start' | 'kona-enroll' | 'test', string>;
  };
  const program = `'${process.execPath}' '${resolve('src/cli/bin.ts')}'`;
  const here = (script: string): string => script.replace(/^node src\/cli\/bin\.ts\b/, program);
  await mkdir(folder);
  await writeFile(
    join(folder, 'npm'),
    `#!/bin/sh
echo "$*" >>'${calls}'
export npm_package_name=kona-enroll npm_lifecycle_event=script INIT_CWD="$PWD"
case "$*" in
  ci) exit 0 ;;
  test) case '${scripts.test}' in *' vitest run '*) exit 0 ;; *) exit 1 ;; esac ;;
  start) exec ${here(scripts.start)} ;;
  'run -s kona-enroll -- '*) shift 4; exec ${here(scripts['kona-enroll'])} "$@" ;;
esac
echo "npm $*: not known here" >&2
exit ${UNKNOWN_COMMAND}
`,
  );
  await chmod(join(folder, 'npm'), 0o755);
}
