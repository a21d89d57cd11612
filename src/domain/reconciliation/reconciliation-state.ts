/** Where a reconciliation with the provider is: its members are staged, asked, and then compared. */
export const reconciliationStates = ['staging', 'running', 'stopped', 'complete', 'superseded'] as const;
export type ReconciliationState = (typeof reconciliationStates)[number];

/** The same command goes on with it. */
export const unfinishedReconciliationStates: readonly ReconciliationState[] = [
  'staging',
  'running',
  'stopped',
];

/** Nothing of it changes any more. */
export const closedReconciliationStates: readonly ReconciliationState[] = ['complete', 'superseded'];
