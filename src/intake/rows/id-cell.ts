import { parsePar } from '../../domain/identity/par.ts';
import { parseUserId } from '../../domain/identity/user-id.ts';
import { INVISIBLE } from '../blank-text.ts';

/** The corrections made to a cell that should hold an id; each is counted and reported. */
export const normalisations = [
  'full_width',
  'no_break_space',
  'zero_width',
  'byte_order_mark',
  'text_formula',
  'apostrophe',
  'decimal_zero',
  'leading_zeros',
] as const;
export type Normalisation = (typeof normalisations)[number];

export interface IdCell {
  /** The corrected text without surrounding blanks. */
  readonly text: string;
  readonly changes: readonly Normalisation[];
}

/** Most cells match this pattern and need no correction. */
const PLAIN = /^[1-9A-Z][0-9A-Z]*$/;
const NO_CHANGES: readonly Normalisation[] = [];
const EDGE_SPACE = /^[\s]*[\u00a0\u2007\u202f\u3000]|[\u00a0\u2007\u202f\u3000][\s]*$/;
/**
 * Matches whole numbers written as decimals. A float has 15 reliable digits, so the zeros behind them were added
 * afterwards.
 */
const DECIMAL_ZERO = /^(0*\d{1,15})\.0+$/;

/**
 * Undoes what spreadsheets, exports and input methods do to an id without changing which id it is. It converts
 * nothing else: ① is not a digit, and a small letter is not a capital one.
 */
export function normaliseIdCell(cell: string, field: 'userId' | 'par'): IdCell {
  if (PLAIN.test(cell)) return { text: cell, changes: NO_CHANGES };
  const changes: Normalisation[] = [];
  let text = cell;
  const change = (kind: Normalisation, changed: string): void => {
    if (changed !== text) changes.push(kind);
    text = changed;
  };
  change('byte_order_mark', text.replaceAll('\ufeff', ''));
  change('zero_width', text.replace(INVISIBLE, ''));
  if (EDGE_SPACE.test(text)) changes.push('no_break_space');
  text = text.trim();
  change('text_formula', text.replace(/^="([^"]*)"$/, '$1'));
  change('apostrophe', text.replace(/^'(?!')/, ''));
  text = text.trim();
  change('full_width', text.replace(/[\uff01-\uff5e]/g, toHalfWidth));
  if (field === 'userId') {
    change('decimal_zero', text.replace(DECIMAL_ZERO, '$1'));
    if (/^0+[1-9]\d*$/.test(text)) changes.push('leading_zeros');
  }
  return { text, changes };
}

/** Returns whether the corrected cell can be read as a user id. */
export function isUserId(cell: string): boolean {
  return typeof parseUserId(normaliseIdCell(cell, 'userId').text) === 'string';
}

/** Returns whether the corrected cell can be read as a PAR. */
export function isPar(cell: string): boolean {
  return typeof parsePar(normaliseIdCell(cell, 'par').text) === 'string';
}

function toHalfWidth(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) - 0xfee0);
}
