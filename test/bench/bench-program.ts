import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { memoryEnvironment } from '../../src/cli/memory-flags.ts';

export const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));

/**
 * Makes a program tell its peak memory in KiB, and its CPU in milliseconds, as the last line of stderr. It is plain
 * JavaScript, because loading TypeScript takes memory and CPU itself.
 */
export const costPreload = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeSync(2, '\\npeak ' + maxRSS + ' cpu ' + Math.round((userCPUTime + systemCPUTime) / 1000) + '\\n');
  });`,
)}`;

let built: string | null = null;

/**
 * Builds the program, once, and returns the file that an installed one starts. KONA_BENCH_PROGRAM names another one, so
 * that tests can run beside others that build.
 */
export function buildProgram(): string {
  const given = process.env['KONA_BENCH_PROGRAM'];
  if (given !== undefined) return given;
  built ??= build();
  return built;
}

function build(): string {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync('npm', ['run', '-s', 'build'], { cwd: root, stdio: 'inherit' });
  return fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));
}

export {
  memoryEnvironment as programEnvironment,
  memoryFlags as programFlags,
} from '../../src/cli/memory-flags.ts';

/** What an installed program of ours is started with, on this ledger. */
export function installedOn(
  ledger: string,
  env: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { ...memoryEnvironment, ...env, DATABASE_URL: ledger };
}

export interface ChildEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script as a child process, with an environment of its own: nothing of the machine's but PATH, and where Node keeps what it compiles. */
export async function runChild(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<ChildEnd> {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, argv, {
    cwd: options.cwd,
    env: { PATH, ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}
