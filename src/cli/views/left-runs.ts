import type { LiveJob } from '../../ledger/locks/live-jobs.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';

/** States in which a process works at a run. */
const workedAt: ReadonlySet<RunRow['state']> = new Set(['staging', 'dispatching', 'reporting']);

/**
 * Whether the process that worked at the run has died. `live`: jobs other processes have in hand; whoever has an
 * embedded ledger open knows that there are none.
 */
export function isLeft({ state, job }: Pick<RunRow, 'state' | 'job'>, live: readonly LiveJob[]): boolean {
  return workedAt.has(state) && !live.some(({ name }) => name === job);
}

/** Says so, and what to do. */
export function leftLine({ id, state, job }: Pick<RunRow, 'id' | 'state' | 'job'>): string {
  return `Run ${id} was left at ${state}: its process has died. Give job ${job}'s command again, it goes on from there; finished records cost no call.\n`;
}
