import type { Parameter } from '../ledger-port.ts';

/** In a quoted element these two are written with a backslash before them. */
const ESCAPED = /["\\]/;
const EACH_ESCAPED = /["\\]/g;

/**
 * Writes an array as Postgres reads it. pg would make the same text with two replacements for every element, of which a
 * set of outcomes has some thousand and hardly any needs one.
 */
export function arrayText(values: Extract<Parameter, readonly unknown[]>): string {
  let text = '{';
  for (const value of values) {
    if (text.length > 1) text += ',';
    text += elementText(value);
  }
  return `${text}}`;
}

function elementText(value: string | number | boolean | null): string {
  if (value === null) return 'NULL';
  if (typeof value !== 'string') return String(value);
  return `"${ESCAPED.test(value) ? value.replaceAll(EACH_ESCAPED, String.raw`\$&`) : value}"`;
}
