import { parsePar } from '../../domain/identity/par.ts';
import type { CellMark } from '../list-table.ts';

/** How a spreadsheet or a data frame damaged an id; the id itself is lost. */
export type CellDamage = 'scientific' | 'date' | 'rounded' | 'float';

/** Returns the damage that the source saw in the cell itself and that the cell's text may not show. */
export function damageOfMarks(marks: readonly CellMark[]): CellDamage | null {
  if (marks.some(({ kind }) => kind === 'date')) return 'date';
  return marks.some(({ kind }) => kind === 'long_number') ? 'rounded' : null;
}

/** Returns the damage that the text of an id cell shows; null where the text can be read as it is. */
export function damageOfText(text: string): CellDamage | null {
  if (PLAIN.test(text) || text.length > LONGEST_DAMAGE) return null;
  // A PAR with an E among its digits is not a number with an exponent.
  if (typeof parsePar(text) === 'string') return null;
  if (/^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$/.test(text)) return 'scientific';
  if (/^0*[1-9]\d{15,}[.,]\d+$/.test(text)) return 'float';
  return dates.some((form) => form.test(text)) ? 'date' : null;
}

/** The longest damaged text is a date with its time; a number with an exponent is shorter. */
const LONGEST_DAMAGE = 60;
const PLAIN = /^\d+$/;
const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?';
const TIME = '(?:[ T]+(?:오전|오후|am|pm)? ?\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?: ?(?:am|pm))?)?';

/** Patterns of dates as Excel shows them in English and Korean settings. */
const dates: readonly RegExp[] = [
  `\\d{4}[-/.] ?\\d{1,2}[-/.] ?\\d{1,2}\\.?${TIME}`,
  `\\d{1,2}[-/.]\\d{1,2}[-/.]\\d{2,4}${TIME}`,
  `\\d{1,2}[- ]${MONTH}(?:[- ,]+\\d{2,4})?`,
  `${MONTH}[- ]\\d{1,4}(?:,? \\d{4})?`,
  `(?:\\d{2,4}년 ?)?\\d{1,2}월(?: ?\\d{1,2}일)?${TIME}`,
  '\\d{1,3}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?: ?(?:am|pm))?',
].map((form) => new RegExp(`^${form}$`, 'i'));
