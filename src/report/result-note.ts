import {
  comesAgainClasses,
  needsPersonClasses,
  whoMustAct,
  type Actor,
  type RowClass,
} from '../domain/class.ts';
import { maskKnownIds } from '../domain/masking.ts';
import type { ReportedRow, SettledBy } from '../ledger/list-row-table.ts';

const KEPT = 'kept from an earlier run, not called';
const UNTIL_ASKED = 'not called any more until asked (retry)';

/** What the other columns don't say of a row, in one sentence without ids; empty where they say it all. */
export function noteOfRow(row: ReportedRow, nightsLimit: number): string {
  if (row.settled !== null) return settledWords(row.settled);
  if (row.kept) return `${KEPT}: ${reasonKept(row, nightsLimit)}`;
  switch (row.class) {
    case 'duplicate':
      return `same record as line ${row.first_line ?? '?'} (${row.first_class ?? '?'})`;
    case 'disputed':
      return 'several user ids for this PAR in the list: none was sent';
    case 'recovered':
      return 'an earlier call of ours had gone unanswered';
    case 'unprocessed':
      return row.attempts > 0
        ? 'its call said nothing of this record, and the run ended before another'
        : 'the run ended before its call';
    case 'action_required':
    case 'transient':
    case 'ambiguous':
      return row.nights >= nightsLimit ? cameAgain(row) : '';
    case 'enrolled':
    case 'already_active':
    case 'already_done':
    case 'bad_data':
    case 'conflict':
    case 'unknown_code':
    case 'rejected':
      return '';
  }
}

/** Nobody, once a person has settled the row's record. */
export function actorOfRow(row: ReportedRow, nightsLimit: number): Actor {
  return row.settled === null ? whoMustAct(row.class, row.nights >= nightsLimit) : 'nobody';
}

function settledWords({ by, at, note, ids }: SettledBy): string {
  return `settled by ${by} on ${at.slice(0, 10)}: ${maskKnownIds(note, ids)}`;
}

function reasonKept(row: ReportedRow, nightsLimit: number): string {
  if (row.class === 'already_done') return `held as success, last called ${row.last_attempt_at ?? 'never'}`;
  if (isOneOf(needsPersonClasses, row.class)) return UNTIL_ASKED;
  if (!isOneOf(comesAgainClasses, row.class)) return 'settled there';
  if (row.nights >= nightsLimit) return cameAgain(row);
  return row.class === 'action_required'
    ? 'it was called this night, and comes again another night'
    : 'it comes again by itself';
}

function cameAgain(row: ReportedRow): string {
  return `came again for ${row.nights === 1 ? '1 night' : `${row.nights} nights`}; ${UNTIL_ASKED}`;
}

function isOneOf(classes: readonly RowClass[], rowClass: RowClass): boolean {
  return classes.includes(rowClass);
}
