import { hostname, userInfo } from 'node:os';
import { redactor } from '../config/redaction.ts';
import { escapeControls } from '../domain/untrusted-text.ts';
import { silentSignals, type RunSignals } from '../domain/run-signals.ts';
import type { StopSignal } from '../run/run-environment.ts';
import { reportFailure } from './failure.ts';
import type { Output, ProcessHost } from './host.ts';
import { main } from './main.ts';
import type { LogPlace } from './session/run-logger.ts';
import { systemClock } from './system-clock.ts';

/** The program as the operating system starts it. */
export async function runProgram(signals: RunSignals = silentSignals): Promise<void> {
  const host = createHost(signals);
  process.on('unhandledRejection', (error) => {
    process.exit(
      reportFailure(error, host, {
        asksForJson: process.argv.includes('--json'),
        hasWait: false,
        inKoreanToo: false,
      }),
    );
  });
  const exitCode = await main(process.argv.slice(2), host);
  // Whatever is still open (a keep-alive socket, an idle connection) must not keep a finished job alive.
  process.exit(exitCode);
}

function createHost(signals: RunSignals): ProcessHost {
  let logPlace: LogPlace | null = null;
  let redact = (text: string): string => text;
  const print = (stream: NodeJS.WriteStream): Output => createOutput(stream, (text) => redact(text));
  return {
    env: process.env,
    // npm starts its scripts in the package's folder and says in INIT_CWD where the person stands.
    cwd:
      process.env['npm_lifecycle_event'] === undefined
        ? process.cwd()
        : (process.env['INIT_CWD'] ?? process.cwd()),
    stdin: () => process.stdin,
    stdout: print(process.stdout),
    stderr: print(process.stderr),
    clock: systemClock,
    signals,
    me: { user: userName(), host: hostname(), pid: process.pid },
    onStopSignal,
    hide: (secrets) => {
      redact = redactor(secrets);
    },
    logTo: (place) => {
      logPlace = place;
    },
    get logPlace() {
      return logPlace;
    },
    endNow: (exitCode) => process.exit(exitCode),
  };
}

/** A container's user may have a number and no name. */
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

/** A reader that went away (`| head`) is no reason to stop a run. */
function createOutput(stream: NodeJS.WriteStream, redact: (text: string) => string): Output {
  stream.on('error', () => undefined);
  return {
    isTerminal: stream.isTTY,
    // Asked anew: a person makes the window wider or narrower.
    get columns() {
      return stream.columns;
    },
    write: (text) => void stream.write(escapeControls(redact(text))),
    draw: (text) => void stream.write(redact(text)),
  };
}
