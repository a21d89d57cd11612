/** The state of a reconciliation with the provider: its members are staged, then asked for, then compared. */
export const reconciliationStates = ['staging', 'running', 'stopped', 'complete', 'superseded'] as const;
export type ReconciliationState = (typeof reconciliationStates)[number];

/** States in which the same command continues the reconciliation. */
export const unfinishedReconciliationStates: readonly ReconciliationState[] = [
  'staging',
  'running',
  'stopped',
];

/** States after which nothing of the reconciliation changes. */
export const closedReconciliationStates: readonly ReconciliationState[] = ['complete', 'superseded'];
