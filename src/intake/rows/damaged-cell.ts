import { parsePar } from '../../domain/identity/par.ts';
import type { CellMark } from '../list-table.ts';

/** What a spreadsheet or a data frame made of an id: the id itself is lost. */
export type CellDamage = 'scientific' | 'date' | 'rounded' | 'float';

/** A reader that saw the cell itself knows more than its text tells. */
export function damageOfMarks(marks: readonly CellMark[]): CellDamage | null {
  if (marks.some(({ kind }) => kind === 'date')) return 'date';
  return marks.some(({ kind }) => kind === 'long_number') ? 'rounded' : null;
}

/** Of the text of a cell that should hold an id; null where it can be read as it stands. */
export function damageOfText(text: string): CellDamage | null {
  if (PLAIN.test(text) || text.length > LONGEST_DAMAGE) return null;
  // One with an E among its digits is no number with an exponent.
  if (typeof parsePar(text) === 'string') return null;
  if (/^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$/.test(text)) return 'scientific';
  if (/^0*[1-9]\d{15,}[.,]\d+$/.test(text)) return 'float';
  return dates.some((form) => form.test(text)) ? 'date' : null;
}

/** A date with its time is shorter, as is a number with an exponent. */
const LONGEST_DAMAGE = 60;
const PLAIN = /^\d+$/;
const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?';
const TIME = '(?:[ T]+(?:오전|오후|am|pm)? ?\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?: ?(?:am|pm))?)?';

/** As Excel shows what it took for a date, in English and Korean settings. */
const dates: readonly RegExp[] = [
  `\\d{4}[-/.] ?\\d{1,2}[-/.] ?\\d{1,2}\\.?${TIME}`,
  `\\d{1,2}[-/.]\\d{1,2}[-/.]\\d{2,4}${TIME}`,
  `\\d{1,2}[- ]${MONTH}(?:[- ,]+\\d{2,4})?`,
  `${MONTH}[- ]\\d{1,4}(?:,? \\d{4})?`,
  `(?:\\d{2,4}년 ?)?\\d{1,2}월(?: ?\\d{1,2}일)?${TIME}`,
  '\\d{1,3}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?: ?(?:am|pm))?',
].map((form) => new RegExp(`^${form}$`, 'i'));
