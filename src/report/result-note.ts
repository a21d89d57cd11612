import {
  comesAgainClasses,
  isRefusedRecord,
  needsPersonClasses,
  whoMustAct,
  type Actor,
  type RowClass,
} from '../domain/class.ts';
import type { Language } from '../domain/language.ts';
import { maskKnownIds } from '../domain/identity/masking.ts';
import type { ReportedRow, SettledBy } from '../ledger/runs/reported-rows.ts';
import { noteTexts, type NoteTexts } from './texts/note-texts.ts';
import { recordTextsIn } from './texts/record-texts-in.ts';

export interface NoteOptions {
  /** retry.nights of the run. */
  readonly nightsLimit: number;
  readonly language: Language;
}

/**
 * Returns what the other columns do not say about a row, in one sentence without ids; empty where they say
 * everything.
 */
export function noteOfRow(row: ReportedRow, options: NoteOptions): string {
  const note = noteOfClass(row, options);
  if (row.class_given_by === null) return note;
  const mark = recordTextsIn(options.language).classGivers[row.class_given_by];
  return note === '' ? mark : `${note}; ${mark}`;
}

function noteOfClass(row: ReportedRow, { nightsLimit, language }: NoteOptions): string {
  const texts = noteTexts[language];
  if (row.settled !== null) return settledWords(row.settled, texts);
  if (row.kept) return texts.kept(reasonKept(row, nightsLimit, texts));
  switch (row.class) {
    case 'duplicate':
      return texts.duplicate(row.first_line, row.first_class);
    case 'disputed':
      return texts.disputed;
    case 'recovered':
      return texts.recovered;
    case 'unprocessed':
      return row.attempts > 0 ? texts.saidNothing : texts.neverCalled;
    case 'action_required':
    case 'transient':
    case 'ambiguous':
      return row.nights >= nightsLimit ? cameAgain(row, texts) : '';
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

/** Returns who must act on a row; nobody once a person has settled its record. */
export function actorOfRow(row: ReportedRow, nightsLimit: number): Actor {
  if (row.settled !== null) return 'nobody';
  return whoMustAct(row.class, row.nights >= nightsLimit, isRefusedRecord(row.class, row.code));
}

function settledWords({ by, at, note, ids }: SettledBy, texts: NoteTexts): string {
  return texts.settled(by, at.slice(0, 10), maskKnownIds(note, ids));
}

function reasonKept(row: ReportedRow, nightsLimit: number, texts: NoteTexts): string {
  if (row.class === 'already_done') return texts.heldAsSuccess(row.last_attempt_at);
  if (isOneOf(needsPersonClasses, row.class)) return texts.untilAsked;
  if (!isOneOf(comesAgainClasses, row.class)) return texts.settledThere;
  if (row.nights >= nightsLimit) return cameAgain(row, texts);
  return row.class === 'action_required' ? texts.calledThisNight : texts.comesAgain;
}

function cameAgain(row: ReportedRow, texts: NoteTexts): string {
  return `${texts.cameAgain(row.nights)}; ${texts.untilAsked}`;
}

function isOneOf(classes: readonly RowClass[], rowClass: RowClass): boolean {
  return classes.includes(rowClass);
}
