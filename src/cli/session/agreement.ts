import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Host } from '../host.ts';
import { UsageError } from '../usage-error.ts';

export interface Question {
  /** The question at the terminal; only yes counts as agreement. */
  readonly question: string;
  /** What a person is told who did not say yes. */
  readonly declined: string;
  /** Why nothing was done where nobody can be asked, and which flag to give instead. */
  readonly unasked: string;
}

/**
 * Asks a person at a terminal. Throws UsageError where nobody can be asked, or the question would disturb JSON
 * output.
 */
export async function agrees(
  host: Host,
  { question, declined, unasked }: Question,
  asJson: boolean,
): Promise<boolean> {
  const input: Readable & { readonly isTTY?: boolean } = host.stdin();
  if (asJson || input.isTTY !== true || !host.stderr.isTerminal) throw new UsageError(unasked);
  host.stderr.write(`${question} Type yes: `);
  const lines = createInterface({ input });
  for await (const line of lines) {
    if (line.trim() === 'yes') return true;
    break;
  }
  host.stderr.write(`${declined}\n`);
  return false;
}
