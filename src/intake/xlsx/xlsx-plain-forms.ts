import type { StoredCell } from './xlsx-cell.ts';
import { decodeEscapes } from './xlsx-escape.ts';
import { parseReference, parseRowNumber } from './xlsx-reference.ts';
import { MAX_RAW_LENGTH } from './xlsx-strings.ts';

/** A cell that was read at once. */
export interface PlainCell extends StoredCell {
  readonly row: number;
  readonly column: number;
  /** Index after it in the source. */
  readonly end: number;
}

/** The start of a row that was read at once. */
export interface PlainRow {
  readonly line: number;
  /** Index after the tag in the source. */
  readonly end: number;
}

/** The forms in which most programs start a row: `<row r="3">`, also with what Excel adds for its own use. */
const PLAIN_ROW = /<row r="([1-9][0-9]{0,6})"(?: spans="[0-9: ]*")?(?: x14ac:dyDescent="[0-9.]*")?>/y;

/**
 * The forms in which most programs write most cells, with nothing in them that must be decoded:
 * `<c r="B3" s="1" t="s"><v>5</v></c>`, `<c r="B3" t="inlineStr"><is><t>text</t></is></c>` and `<c r="B3" s="1"/>`.
 */
const PLAIN_CELL =
  /<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="([A-Za-z]{1,9})")?(?:\/>|>(?:<v>([^<&\]\r]*)<\/v>|<is><t(?: xml:space="preserve")?>([^<&\]\r]*)<\/t><\/is>)<\/c>)/y;

/** Reads the start of a row of a plain form; null for any other. */
export function readPlainRow(source: string, at: number): PlainRow | null {
  PLAIN_ROW.lastIndex = at;
  const number = PLAIN_ROW.exec(source)?.[1];
  const line = number === undefined ? null : parseRowNumber(number);
  return line === null ? null : { line, end: PLAIN_ROW.lastIndex };
}

/**
 * Reads a cell of a plain form that stands whole at `at`. Returns null for any other: it may be read event by event,
 * or be wrong.
 */
export function readPlainCell(source: string, at: number): PlainCell | null {
  PLAIN_CELL.lastIndex = at;
  const found = PLAIN_CELL.exec(source);
  if (found === null) return null;
  const [, reference = '', style = '0', type = 'n', value = '', inline = ''] = found;
  const place = parseReference(reference);
  if (place === null || value.length > MAX_RAW_LENGTH || inline.length > MAX_RAW_LENGTH) return null;
  return {
    row: place.row,
    column: place.column,
    type,
    style: Number(style),
    value,
    inline: decodeEscapes(inline),
    hasFormula: false,
    end: PLAIN_CELL.lastIndex,
  };
}
