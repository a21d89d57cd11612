/** Where a run is; source of the order: docs/states-and-totals.md. */
export const runStates = [
  'staging',
  'dispatching',
  'reporting',
  'complete',
  'stopped',
  'superseded',
  'refused',
] as const;
export type RunState = (typeof runStates)[number];

/** Has rows, and the same command goes on with it. */
export const unfinishedStates: readonly RunState[] = ['dispatching', 'reporting', 'stopped'];

/** Nothing of it changes any more. */
export const closedStates: readonly RunState[] = ['complete', 'superseded'];

/** It came to an end, complete or not, and has rows. */
export const endedStates: readonly RunState[] = ['complete', 'stopped', 'superseded'];

/** Its list is not read yet, or never will be: it has no rows that anybody could ask for. */
export const rowlessStates: readonly RunState[] = ['staging', 'refused'];

export function hasRows(state: RunState): boolean {
  return !rowlessStates.includes(state);
}
