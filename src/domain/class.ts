/** Classes a call can give a record; they are the record's status as well. */
export const callClasses = [
  'enrolled',
  'recovered',
  'already_active',
  'action_required',
  'bad_data',
  'conflict',
  'unknown_code',
  'ambiguous',
  'transient',
] as const;
export type CallClass = (typeof callClasses)[number];

/** Classes of rows only; a record never has one of these as its status. */
export const rowOnlyClasses = ['rejected', 'duplicate', 'disputed', 'already_done', 'unprocessed'] as const;

/** Every class a row can end in, in the order people read them. */
export const rowClasses = [
  'enrolled',
  'recovered',
  'already_active',
  'already_done',
  'action_required',
  'bad_data',
  'conflict',
  'unknown_code',
  'ambiguous',
  'transient',
  'rejected',
  'duplicate',
  'disputed',
  'unprocessed',
] as const;
export type RowClass = (typeof rowClasses)[number];

export const recordStatuses = ['pending', 'sending', ...callClasses] as const;
export type RecordStatus = (typeof recordStatuses)[number];

/** The statuses of a record that is held as a success. */
export const successStatuses: readonly CallClass[] = ['enrolled', 'recovered', 'already_active'];

export const successClasses: readonly RowClass[] = [...successStatuses, 'already_done'];

/** Later lists call these records again by themselves, for `retry.nights` nights. */
export const comesAgainClasses: readonly CallClass[] = ['action_required', 'transient', 'ambiguous'];

/** Later lists do not call these records until a person asks: `retry` names them, or a failed.csv is handed back. */
export const needsPersonClasses: readonly CallClass[] = ['bad_data', 'conflict', 'unknown_code'];

/** The classes that `retry` takes when no class is named. */
export const retriedByDefault: readonly RowClass[] = [...comesAgainClasses, 'unprocessed'];

/** The classes in failed.csv, which can be given as the next list as it is. */
export const failedClasses: readonly RowClass[] = [...comesAgainClasses, ...needsPersonClasses];

/** The classes in rejected.csv: rows that never became a call. */
export const rejectedClasses: readonly RowClass[] = ['rejected', 'duplicate', 'disputed'];

export type Actor = 'nobody' | 'customer' | 'list_owner' | 'operations' | 'developer';

const actors: Readonly<Record<RowClass, Actor>> = {
  enrolled: 'nobody',
  recovered: 'nobody',
  already_active: 'nobody',
  already_done: 'nobody',
  action_required: 'customer',
  bad_data: 'list_owner',
  conflict: 'operations',
  unknown_code: 'developer',
  ambiguous: 'nobody',
  transient: 'nobody',
  rejected: 'list_owner',
  duplicate: 'nobody',
  disputed: 'list_owner',
  unprocessed: 'nobody',
};

/**
 * Returns who must act on a row. While lists call a class again by themselves, it is nobody's work; once its nights
 * are used up (`nightsUsedUp`), it is operations' work. So is an unknown_code without a code (`isRefused`): a gateway
 * refused the record, and there is no code to ask a developer about.
 */
export function whoMustAct(rowClass: RowClass, nightsUsedUp: boolean, isRefused = false): Actor {
  const comesAgain = (comesAgainClasses as readonly string[]).includes(rowClass);
  if (comesAgain && nightsUsedUp) return 'operations';
  return isRefused ? 'operations' : actors[rowClass];
}

/** Returns whether a record was refused repeatedly before the provider read its call. */
export function isRefusedRecord(rowClass: RowClass | 'pending', code: string | null): boolean {
  return rowClass === 'unknown_code' && code === null;
}

export function isRowClass(text: string): text is RowClass {
  return (rowClasses as readonly string[]).includes(text);
}

export function isSuccess(rowClass: RowClass): boolean {
  return successClasses.includes(rowClass);
}
