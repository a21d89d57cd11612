import { hostname, userInfo } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { redactor } from '../config/redaction.ts';
import type { Clock } from '../domain/clock.ts';
import { codeOf } from '../domain/error-words.ts';
import { worstExitCode, type ExitCode } from '../domain/exit-code.ts';
import { silentSignals, type RunSignals } from '../domain/run-signals.ts';
import type { StopSignal } from '../run/run-environment.ts';
import { reportFailure } from './failure.ts';
import type { ProcessHost } from './host.ts';
import { main } from './main.ts';
import type { LogPlace } from './session/run-logger.ts';
import { SurroundingsError } from './surroundings-error.ts';
import { systemClock } from './system-clock.ts';
import { createStreamOutput, type StreamOutput } from './terminal/stream-output.ts';

export interface ProgramStart {
  readonly signals?: RunSignals;
  readonly clock?: Clock;
  /** A word stands at the terminal already, without a line's end. */
  readonly showsWord?: boolean;
}

/** Runs the program as the operating system starts it. */
export async function runProgram({
  signals = silentSignals,
  clock = systemClock,
  showsWord = false,
}: ProgramStart = {}): Promise<void> {
  let redact = (text: string): string => text;
  const print = (stream: NodeJS.WriteStream & { readonly fd: number }): StreamOutput =>
    createStreamOutput(stream, (text) => redact(text));
  const outputs: Outputs = {
    stdout: print(process.stdout),
    stderr: print(process.stderr),
    hide: (secrets) => {
      redact = redactor(secrets);
    },
  };
  process.on('unhandledRejection', (error) => {
    process.exit(tellFailure(error, outputs));
  });
  const exitCode = await runIn(outputs, { signals, clock }, showsWord);
  // Whatever is still open (a keep-alive socket, an idle connection) must not keep a finished job alive.
  process.exit(await withLostOutput(exitCode, outputs));
}

interface Outputs extends Pick<ProcessHost, 'hide'> {
  readonly stdout: StreamOutput;
  readonly stderr: StreamOutput;
}

/** What a test lends the process. */
type Lent = Required<Pick<ProgramStart, 'signals' | 'clock'>>;

async function runIn(outputs: Outputs, lent: Lent, showsWord: boolean): Promise<ExitCode> {
  try {
    const cwd = findWorkingFolder();
    return await main(process.argv.slice(2), createHost(outputs, cwd, lent), showsWord);
  } catch (error) {
    return tellFailure(error, outputs);
  }
}

/** Reports a failure outside of any command. */
function tellFailure(error: unknown, { stdout, stderr }: Outputs): ExitCode {
  return reportFailure(
    error,
    { stdout, stderr, env: process.env },
    { asksForJson: process.argv.includes('--json'), hasWait: false, inKoreanToo: false },
  );
}

/**
 * Returns the person's working folder: npm starts its scripts in the package's folder and keeps the person's in
 * INIT_CWD.
 */
function findWorkingFolder(): string {
  let cwd: string;
  try {
    cwd = process.cwd();
  } catch (error) {
    throw new SurroundingsError(
      'WORKING_FOLDER',
      `The working folder, where relative paths start, can not be used: it was removed, or this account may not look at it (${error instanceof Error ? codeOf(error) : String(error)}).`,
      error,
    );
  }
  return process.env['npm_lifecycle_event'] === undefined ? cwd : (process.env['INIT_CWD'] ?? cwd);
}

/**
 * Fails where stdout is incomplete, because a script must not take part of a document for the whole. Nobody relies on
 * stderr.
 */
async function withLostOutput(exitCode: ExitCode, outputs: Outputs): Promise<ExitCode> {
  await setImmediate();
  const { lost } = outputs.stdout;
  if (lost === null) return exitCode;
  const sentence = `Standard output can not be written, so that what was to stand there is missing or cut short: ${lost.message}.`;
  const failure = new SurroundingsError('OUTPUT_LOST', sentence, lost);
  const how = { asksForJson: false, hasWait: false, inKoreanToo: false };
  return worstExitCode([exitCode, reportFailure(failure, { ...outputs, env: process.env }, how)]);
}

function createHost({ stdout, stderr, hide }: Outputs, cwd: string, { signals, clock }: Lent): ProcessHost {
  let logPlace: LogPlace | null = null;
  return {
    env: process.env,
    cwd,
    stdin: () => process.stdin,
    stdout,
    stderr,
    clock,
    signals,
    me: { user: userName(), host: hostname(), pid: process.pid },
    onStopSignal,
    hide,
    logTo: (place) => {
      logPlace = place;
    },
    get logPlace() {
      return logPlace;
    },
    endNow: (exitCode) => process.exit(exitCode),
  };
}

/** Returns the user's name; in a container a user may have only a number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

const stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function onStopSignal(listener: (signal: StopSignal) => void): () => void {
  for (const signal of stopSignals) process.on(signal, listener);
  return () => {
    for (const signal of stopSignals) process.off(signal, listener);
  };
}
