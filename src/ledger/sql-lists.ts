import { callClasses, comesAgainClasses, needsPersonClasses, successStatuses } from '../domain/class.ts';
import {
  closedReconciliationStates,
  unfinishedReconciliationStates,
} from '../domain/reconciliation/reconciliation-state.ts';
import { closedStates, endedStates, rowlessStates, unfinishedStates } from '../domain/run-state.ts';

// The domain's lists as SQL, so that statements and program can't mean different things. A test compares them with
// the lists in the migrations.

/** Statuses of a record that the ledger holds as success. */
export const SUCCESS_LIST = inSql(successStatuses);

/** Statuses of records that later lists call again by themselves. */
export const COMES_AGAIN_LIST = inSql(comesAgainClasses);

/** Statuses of records that are not called again until a person asks. */
export const NEEDS_PERSON_LIST = inSql(needsPersonClasses);

/** Every class that a call can give. */
export const CALLED_LIST = inSql(callClasses);

/** States of a run that the same command continues. */
export const UNFINISHED_LIST = inSql(unfinishedStates);

/** States of a run after which nothing of it changes. */
export const CLOSED_LIST = inSql(closedStates);

/** States of a run that has ended, complete or not. */
export const ENDED_LIST = inSql(endedStates);

/** States of a run that has no rows. */
export const ROWLESS_LIST = inSql(rowlessStates);

/** States of a reconciliation that the same command continues. */
export const UNFINISHED_RECONCILIATION_LIST = inSql(unfinishedReconciliationStates);

/** States of a reconciliation after which nothing of it changes. */
export const CLOSED_RECONCILIATION_LIST = inSql(closedReconciliationStates);

/** Puts only names of our own into SQL; values from outside are parameters. */
function inSql(names: readonly string[]): string {
  return `(${names.map((name) => `'${name}'`).join(', ')})`;
}
