import type { Words } from '../../domain/language.ts';
import type { CellMark } from '../list-table.ts';
import { isoDate } from './xlsx-date.ts';
import { decodeEscapes } from './xlsx-escape.ts';
import { readStoredNumber } from './xlsx-number.ts';
import { isLargerThanCell, type SharedStrings } from './xlsx-strings.ts';
import type { DateStyles } from './xlsx-styles.ts';

/** A cell as the sheet's XML has it. */
export interface StoredCell {
  /** Attribute `t`; `n` where there is none. */
  readonly type: string;
  readonly style: number;
  /** Of `v`; null where there is none. */
  readonly value: string | null;
  /** Of `is`, or of a `t` that stands in its place; its escapes undone. */
  readonly inline: string;
  readonly hasFormula: boolean;
}

/** What cells of the sheet refer to. */
export interface CellContext {
  readonly strings: SharedStrings;
  readonly dates: DateStyles;
  readonly date1904: boolean;
}

export type CellReading =
  | {
      readonly kind: 'cell';
      readonly text: string;
      readonly marks: readonly CellMark['kind'][];
      /** It has a formula that no program has computed yet, so that nobody knows its text. */
      readonly isUnknown: boolean;
    }
  | { readonly kind: 'damaged'; readonly what: Words }
  | { readonly kind: 'too_large' };

type Content = Extract<CellReading, { kind: 'damaged' | 'too_large' }> | PlainContent;

interface PlainContent {
  readonly kind: 'content';
  readonly text: string;
  readonly mark?: CellMark['kind'];
}

export function readCell(cell: StoredCell, context: CellContext): CellReading {
  const content = readContent(cell, context);
  if (content.kind !== 'content') return content;
  const { text, mark } = content;
  if (isLargerThanCell(text)) return { kind: 'too_large' };
  const marks = mark === undefined ? [] : [mark];
  if (!cell.hasFormula) return { kind: 'cell', text, marks, isUnknown: false };
  // A formula that was computed and gave the empty text says so by its type.
  const isUnknown = text === '' && cell.type !== 'str';
  return { kind: 'cell', text, marks: [...marks, 'formula'], isUnknown };
}

function readContent(cell: StoredCell, context: CellContext): Content {
  const value = cell.value ?? '';
  if (cell.inline !== '' && cell.type !== 'inlineStr') {
    // Some writers say that a cell holds a number, or an index, and put its text there.
    return value.trim() === '' ? { kind: 'content', text: cell.inline } : TWO_CONTENTS;
  }
  switch (cell.type) {
    case 'n':
      return readNumber(value.trim(), cell.style, context);
    case 's':
      return readShared(value.trim(), context.strings);
    case 'inlineStr':
      // Some writers put the text where other cells have theirs.
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
        what: { en: 'no such type of cell is known', ko: '알 수 없는 종류의 셀입니다' },
      };
  }
}

const TWO_CONTENTS: Content = {
  kind: 'damaged',
  what: { en: 'this cell holds a value and a text beside it', ko: '이 셀에 값과 글이 함께 들어 있습니다' },
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
        en: 'this cell points to a text that is not there',
        ko: '이 셀이 가리키는 글이 없습니다',
      },
    };
  }
  return text === null ? { kind: 'too_large' } : { kind: 'content', text };
}

/** As Excel shows it. */
function readBoolean(value: string): string {
  if (value === '1' || value === 'true') return 'TRUE';
  return value === '0' || value === 'false' ? 'FALSE' : value;
}
