import type { Queryable } from '../ledger/ledger-port.ts';
import { findRuns } from '../ledger/runs/run-choice.ts';
import type { RunRow } from '../ledger/runs/run-table.ts';
import { retryJobOf } from './derived-jobs.ts';

/** A list of ours that can't be run under the settings of the runs it names. Exit code 2. */
export class HandedBackError extends Error {
  readonly code = 'HANDED_BACK';
}

const RUNS_NAMED = 5;

/** What becomes of a list with runs that the ledger does not know; they pass where its settings come from elsewhere. */
export type UnknownRuns = 'refuse' | 'pass';

/** A list of ours by its name, and the runs that its rows name. */
interface ListOfRuns {
  readonly name: string;
  readonly runs: readonly string[];
}

/**
 * The newest of the runs that the rows of a list name; its settings are those the list runs under. Null: the ledger
 * knows none of them. Rejects with HandedBackError where it does not know one, unless they pass, and where they are of
 * several jobs or providers.
 */
export async function findHandedBackSource(
  on: Queryable,
  { name, runs }: ListOfRuns,
  unknownRuns: UnknownRuns,
): Promise<RunRow | null> {
  const found = await findRuns(on, runs);
  const known = new Set(found.map(({ id }) => id));
  const unknown = runs.filter((id) => !known.has(id));
  if (unknown.length > 0 && unknownRuns === 'refuse') throw new HandedBackError(unknownWords(name, unknown));
  const [newest, ...others] = found;
  if (newest === undefined) return null;
  const belongs = (run: RunRow): boolean =>
    retryJobOf(run.job) === retryJobOf(newest.job) && run.provider === newest.provider;
  if (!others.every(belongs)) throw new HandedBackError(severalWords(name, found));
  return newest;
}

function unknownWords(file: string, unknown: readonly string[]): string {
  const runs = unknown.length === 1 ? 'run' : 'runs';
  return (
    `${file} is a list of ours with rows of ${runs} ${firstOf(unknown)}, which this ledger does not know: ` +
    'start in the folder the run was started in, or name its ledger with --database-url; ' +
    'where that ledger is gone, --job-file gives the settings'
  );
}

function severalWords(file: string, runs: readonly RunRow[]): string {
  const named = runs.map(({ id, job, provider }) => `${id} (job ${job}, provider ${provider})`);
  return (
    `${file} has rows of runs that don't belong to one job and provider: ${firstOf(named)}; ` +
    'hand back the rows of each in a list of their own'
  );
}

function firstOf(words: readonly string[]): string {
  const more = words.length - RUNS_NAMED;
  return `${words.slice(0, RUNS_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
