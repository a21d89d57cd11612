/** The state of a run. docs/states-and-totals.md shows the order. */
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

/** States in which the run has rows and the same command continues it. */
export const unfinishedStates: readonly RunState[] = ['dispatching', 'reporting', 'stopped'];

/** States after which nothing of the run changes. */
export const closedStates: readonly RunState[] = ['complete', 'superseded'];

/** States in which the run has ended, complete or not, and has rows. */
export const endedStates: readonly RunState[] = ['complete', 'stopped', 'superseded'];

/** States in which the list has not been read yet, or never will be, so that the run has no rows. */
export const rowlessStates: readonly RunState[] = ['staging', 'refused'];

export function hasRows(state: RunState): boolean {
  return !rowlessStates.includes(state);
}

/** Returns whether the run has ended, complete or not, and has rows. */
export function hasEnded(state: RunState): boolean {
  return endedStates.includes(state);
}
