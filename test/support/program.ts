import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Output, ProcessHost } from '../../src/cli/host.ts';
import { main } from '../../src/cli/main.ts';
import { systemClock } from '../../src/cli/system-clock.ts';
import { redactor } from '../../src/config/redaction.ts';
import { findOutsideTool } from '../../tools/outside-tools.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { escapeControls } from '../../src/domain/untrusted-text.ts';
import { silentSignals, type RunPoint } from '../../src/domain/run-signals.ts';
import type { StopSignal } from '../../src/run/run-environment.ts';

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartedProgram {
  readonly pid: number;
  readonly ended: Promise<ProgramEnd>;
  /** Resolves when stderr has said `text` so many times, or rejects when the program ends without. */
  said(text: string, times?: number): Promise<void>;
  /** The same of stdout. */
  shown(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** As a reader that has seen enough: whatever stdout is given from here on fails. */
  stopReading(): void;
  /** As a terminal that is closed: SIGHUP, and whatever it writes from here on fails. */
  hangUp(): void;
}

/** A signal the program sends itself, or a word on stderr. */
export type PointAction = 'tell' | 'tell-each' | 'SIGKILL' | 'SIGINT' | 'SIGTERM';

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped into standard input; nothing where it is not given. */
  readonly input?: string | Uint8Array;
  /** An open file for standard output in the place of a pipe, of which nothing is heard here. */
  readonly stdout?: number;
  /** In this process only: so many milliseconds the program's wall clock is ahead of the machine's. */
  readonly aheadMs?: number;
  /** In this process only, in the place of `aheadMs`: the program's wall clock. */
  readonly now?: () => Date;
  /** In this process only: hears of every point that is reached, before the program goes on from it. */
  readonly reached?: (point: RunPoint) => void;
  /** In this process only, in the place of the two above: all of the program's time. */
  readonly clock?: Clock;
  /** In this process only: once it aborts the program hears the signal that is its reason. */
  readonly stop?: AbortSignal;
  /** In this process only: hears all that is written. */
  readonly heard?: (text: string) => void;
  /** The crash child instead of the bin. */
  readonly point?: { readonly name: string; readonly count: number; readonly action: PointAction };
}

/** For children that are Node: hundreds of them start with the same sources. */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), 'kona-test-compile-cache') };

const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));
const crashChild = fileURLToPath(new URL('crash-child.ts', import.meta.url));

/** The program as a child process, with an environment of its own: nothing of the machine's but PATH. */
export function startProgram(argv: readonly string[], options: ProgramOptions): StartedProgram {
  const { point } = options;
  const child = spawn(process.execPath, [point === undefined ? bin : crashChild, ...argv], {
    cwd: options.cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      ...compileCache,
      ...options.env,
      ...(point === undefined
        ? {}
        : { KONA_TEST_POINT: `${point.name}:${point.count}`, KONA_TEST_ACTION: point.action }),
    },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', options.stdout ?? 'pipe', 'pipe'],
  });
  child.stdin?.end(options.input);
  return follow(child);
}

export interface ProgramAtTerminal extends StartedProgram {
  /** As keys that are pressed; `\r` is Enter, `\u0003` Ctrl-C. */
  type(keys: string): void;
}

/** The program at a terminal of 80 columns, by util-linux's `script`: what it shows is in stdout, whichever of its outputs it was. */
export function startAtTerminal(
  argv: readonly string[],
  { cwd, env }: Pick<ProgramOptions, 'cwd' | 'env'>,
): ProgramAtTerminal {
  const line = [process.execPath, bin, ...argv].map((word) => `'${word}'`).join(' ');
  const script = findOutsideTool('script') ?? '';
  const child = spawn(script, ['-qefc', `stty cols 80; ${line}`, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'dumb', ...compileCache, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return {
    ...follow(child),
    type: (keys) => {
      child.stdin.write(keys);
    },
  };
}

/**
 * The program as a child process, to its end: for what a process alone has, such as the bin's own exit code, Node's
 * environment, a standard output, or a second program beside this one that must not share its memory.
 */
export async function runProcess(argv: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  return await startProgram(argv, options).ended;
}

/** Node itself reads these, when a process starts. */
const READ_AT_START = /^(?:NODE_|TZ$|LANG$|LC_)/;

/**
 * The program in this process, to its end: the words, files and exit code of the child, without the start of one. Where
 * it is to stop at a point, or is given a variable that Node reads at its start, it is a child all the same.
 */
export async function runProgram(argv: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  const { cwd, env = {}, input, point, aheadMs = 0 } = options;
  const { now = () => new Date(Date.now() + aheadMs), reached, heard, stop } = options;
  const isOfAProcess = point !== undefined || Object.keys(env).some((name) => READ_AT_START.test(name));
  if (isOfAProcess) return await runProcess(argv, options);
  const written = { stdout: '', stderr: '' };
  const endedAtOnce = Promise.withResolvers<number>();
  let redact = (text: string): string => text;
  let logPlace: ProcessHost['logPlace'] = null;
  const output = (name: keyof typeof written): Output => ({
    isTerminal: false,
    columns: 0,
    write: (text) => {
      const shown = escapeControls(redact(text));
      written[name] += shown;
      heard?.(shown);
    },
    draw: (text) => {
      written[name] += redact(text);
    },
  });
  const host: ProcessHost = {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    cwd,
    stdin: () => Readable.from(input === undefined ? [] : [Buffer.from(input)]),
    stdout: output('stdout'),
    stderr: output('stderr'),
    clock: options.clock ?? { ...systemClock, now },
    signals: reached === undefined ? silentSignals : { reached },
    me: { user: userInfo().username, host: hostname(), pid: process.pid },
    onStopSignal: (listener) => {
      const hear = (): void => {
        listener(stop?.reason as StopSignal);
      };
      stop?.addEventListener('abort', hear);
      return () => stop?.removeEventListener('abort', hear);
    },
    hide: (secrets) => {
      redact = redactor(secrets);
    },
    logTo: (place) => {
      logPlace = place;
    },
    get logPlace() {
      return logPlace;
    },
    endNow: endedAtOnce.resolve,
  };
  const exitCode = await Promise.race([main(argv, host), endedAtOnce.promise]);
  return { exitCode, signal: null, ...written };
}

function follow(child: ChildProcess): StartedProgram {
  let stdout = '';
  let stderr = '';
  let heard = Promise.withResolvers<void>();
  let hasEnded = false;
  const wake = (): void => {
    heard.resolve();
    heard = Promise.withResolvers<void>();
  };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    wake();
  });
  const ended = once(child, 'close').then(([exitCode, signal]): ProgramEnd => {
    hasEnded = true;
    wake();
    return { exitCode: exitCode as number | null, signal: signal as NodeJS.Signals | null, stdout, stderr };
  });
  const untilIn = async (output: () => string, text: string, times: number): Promise<void> => {
    while (output().split(text).length <= times) {
      if (hasEnded) throw new Error(`the program ended without saying "${text}":\n${output()}`);
      await heard.promise;
    }
  };
  return {
    pid: child.pid ?? 0,
    ended,
    said: async (text, times = 1) => {
      await untilIn(() => stderr, text, times);
    },
    shown: async (text) => {
      await untilIn(() => stdout, text, 1);
    },
    kill: (signal) => {
      child.kill(signal);
    },
    stopReading: () => {
      child.stdout?.destroy();
    },
    hangUp: () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.kill('SIGHUP');
    },
  };
}
