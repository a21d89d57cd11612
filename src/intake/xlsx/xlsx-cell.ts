import type { Words } from '../../domain/language.ts';
import type { CellMark } from '../list-table.ts';
import { isoDate } from './xlsx-date.ts';
import { decodeEscapes } from './xlsx-escape.ts';
import { readStoredNumber } from './xlsx-number.ts';
import { isLargerThanCell, type SharedStrings } from './xlsx-strings.ts';
import type { DateStyles } from './xlsx-styles.ts';

/** A cell as it stands in the sheet's XML. */
export interface StoredCell {
  /** Attribute `t`; `n` where it is missing. */
  readonly type: string;
  readonly style: number;
  /** Text of element `v`; null where it is missing. */
  readonly value: string | null;
  /** Text of element `is`, or of a `t` in its place, with its escapes undone. */
  readonly inline: string;
  readonly hasFormula: boolean;
}

/** The parts of the workbook that cells refer to. */
export interface CellContext {
  readonly strings: SharedStrings;
  readonly dates: DateStyles;
  readonly date1904: boolean;
}

export interface ReadCell {
  readonly kind: 'cell';
  readonly text: string;
  readonly marks: readonly CellMark['kind'][];
  /** The cell has a formula that no program has computed yet, so its text is unknown. */
  readonly isUnknown: boolean;
}

export type CellReading =
  ReadCell | { readonly kind: 'damaged'; readonly what: Words } | { readonly kind: 'too_large' };

type Content = Extract<CellReading, { kind: 'damaged' | 'too_large' }> | PlainContent;

interface PlainContent {
  readonly kind: 'content';
  readonly text: string;
  readonly mark?: CellMark['kind'];
}

const NO_MARKS: readonly CellMark['kind'][] = [];

export function readCell(cell: StoredCell, context: CellContext): CellReading {
  const content = readContent(cell, context);
  if (content.kind !== 'content') return content;
  const { text, mark } = content;
  if (isLargerThanCell(text)) return { kind: 'too_large' };
  const marks = mark === undefined ? NO_MARKS : [mark];
  if (!cell.hasFormula) return { kind: 'cell', text, marks, isUnknown: false };
  // A computed formula with an empty result has type `str`.
  const isUnknown = text === '' && cell.type !== 'str';
  return { kind: 'cell', text, marks: [...marks, 'formula'], isUnknown };
}

function readContent(cell: StoredCell, context: CellContext): Content {
  const value = cell.value ?? '';
  if (cell.inline !== '' && cell.type !== 'inlineStr') {
    // Some writers declare a number or an index and store the text instead.
    return value.trim() === '' ? { kind: 'content', text: cell.inline } : TWO_CONTENTS;
  }
  switch (cell.type) {
    case 'n':
      return readNumber(value.trim(), cell.style, context);
    case 's':
      return readShared(value.trim(), context.strings);
    case 'inlineStr':
      // Some writers store the text inline where others use a value.
      return { kind: 'content', text: cell.inline === '' ? decodeEscapes(value) : cell.inline };
    case 'str':
      return { kind: 'content', text: decodeEscapes(value) };
    case 'b':
      return { kind: 'content', text: readBoolean(value.trim()) };
    case 'e':
      return value === '' ? { kind: 'content', text: '' } : { kind: 'content', text: value, mark: 'error' };
    case 'd':
      return value === '' ? { kind: 'content', text: '' } : { kind: 'content', text: value, mark: 'date' };
    default:
      return {
        kind: 'damaged',
        what: { en: 'this cell is of an unknown type', ko: '알 수 없는 종류의 셀입니다' },
      };
  }
}

const TWO_CONTENTS: Content = {
  kind: 'damaged',
  what: { en: 'this cell contains both a value and a text', ko: '이 셀에 값과 글이 함께 들어 있습니다' },
};

function readNumber(value: string, style: number, { dates, date1904 }: CellContext): PlainContent {
  if (value === '') return { kind: 'content', text: '' };
  const date = dates.has(style) ? isoDate(Number(value), date1904) : null;
  if (date !== null) return { kind: 'content', text: date, mark: 'date' };
  const { text, isLong } = readStoredNumber(value);
  return isLong ? { kind: 'content', text, mark: 'long_number' } : { kind: 'content', text };
}

function readShared(value: string, strings: SharedStrings): Content {
  if (value === '') return { kind: 'content', text: '' };
  const text = /^[0-9]{1,10}$/.test(value) ? strings.get(Number(value)) : undefined;
  if (text === undefined) {
    return {
      kind: 'damaged',
      what: {
        en: 'this cell points to a text that does not exist',
        ko: '이 셀이 가리키는 글이 없습니다',
      },
    };
  }
  return text === null ? { kind: 'too_large' } : { kind: 'content', text };
}

/** Returns TRUE or FALSE as Excel shows it. */
function readBoolean(value: string): string {
  if (value === '1' || value === 'true') return 'TRUE';
  return value === '0' || value === 'false' ? 'FALSE' : value;
}
