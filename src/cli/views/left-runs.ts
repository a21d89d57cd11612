import type { LiveJob } from '../../ledger/locks/live-jobs.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';

/** States in which a process works on a run. */
const workedAt: ReadonlySet<RunRow['state']> = new Set(['staging', 'dispatching', 'reporting']);

/**
 * Returns whether the process that worked on the run has died. `live`: jobs that other processes have; a process that
 * has an embedded ledger open knows that there are none.
 */
export function isLeft({ state, job }: Pick<RunRow, 'state' | 'job'>, live: readonly LiveJob[]): boolean {
  return workedAt.has(state) && !live.some(({ name }) => name === job);
}

/** Says so, and what to do. */
export function leftLine({ id, state, job }: Pick<RunRow, 'id' | 'state' | 'job'>): string {
  return `Run ${id} was left at ${state}: its process has died. Give job ${job}'s command again to continue; finished records cost no call.\n`;
}
