import { createInterface } from 'node:readline/promises';
import { Writable, type Readable } from 'node:stream';
import type { Checked } from '../../config/checked.ts';
import type { StopSignal } from '../../run/run-environment.ts';
import type { Host } from '../host.ts';
import { StoppedWhileAskingError } from '../stopped-while-asking-error.ts';
import { UsageError } from '../usage-error.ts';

export interface Asked<Answer> {
  /** The question without a colon at its end. */
  readonly question: string;
  /** The value that Enter alone stands for. */
  readonly usual: string;
  /** Checks an answer. A refused answer is explained and asked for again. */
  readonly check: (text: string) => Checked<Answer> | Promise<Checked<Answer>>;
}

export type Ask = <Answer>(asked: Asked<Answer>) => Promise<Answer>;

/** Returns whether a person can be asked: there is a keyboard, and a terminal on which the question is visible. */
export function canAsk(host: Host): boolean {
  const input: Readable & { readonly isTTY?: boolean } = host.stdin();
  return input.isTTY === true && host.stderr.isTerminal;
}

/**
 * Lets `work` ask a person at the terminal. Rejects with StoppedWhileAskingError at Ctrl-C or a signal, and with
 * UsageError where the input ends before the last answer.
 */
export async function withPrompt<Result>(host: Host, work: (ask: Ask) => Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const output = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      host.stderr.draw(text);
      done();
    },
  });
  // The current width: a long answer that continues on the next line can still be deleted.
  Object.defineProperty(output, 'columns', { get: () => host.stderr.columns });
  const lines = createInterface({ input: host.stdin(), output, terminal: true });
  // The keyboard delivers single keys meanwhile, so Ctrl-C is one of them and no signal.
  lines.on('SIGINT', () => {
    stop.abort('SIGINT');
  });
  lines.on('close', () => {
    stop.abort(null);
  });
  const stopListening = host.onStopSignal((signal) => {
    stop.abort(signal);
  });

  async function answerTo(question: string): Promise<string> {
    try {
      return await lines.question(question, { signal: stop.signal });
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      host.stderr.write('\n');
      const signal = stop.signal.reason as StopSignal | null;
      throw signal === null
        ? new UsageError('the input ended before the last answer; nothing was written')
        : new StoppedWhileAskingError(signal);
    }
  }

  try {
    return await work(async ({ question, usual, check }) => {
      for (;;) {
        const typed = (await answerTo(`${question} [${usual}]: `)).trim();
        const checked = await check(typed === '' ? usual : typed);
        if (checked.kind === 'valid') return checked.value;
        host.stderr.write(`  ${checked.problems.join('; ')}\n`);
      }
    });
  } finally {
    stopListening();
    lines.close();
  }
}
