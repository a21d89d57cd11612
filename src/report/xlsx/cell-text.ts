/** Spreadsheets take no more characters than this in one cell. */
export const MOST_CELL_CHARACTERS = 32_767;

/** What XML 1.0 can't hold, the carriage return, which its readers turn into a line feed, and half characters. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g;
/** Matches an underscore that would be read as the beginning of such an escape. */
const LIKE_ESCAPE = /_(?=x[0-9A-Fa-f]{4}_)/g;
const MARKUP = /[&<>]/g;
/** Matches all of these, and surrogates, of which a text may hold one half. */
// oxlint-disable-next-line no-control-regex -- the same
const NEEDS_WORK = /[&<>\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_/;
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Returns a text as the XML of a cell, with the escapes that Excel itself writes: `_x000D_`. Reading it gives the
 * same text again, except that half a character becomes U+FFFD.
 */
export function cellXml(text: string): string {
  if (!NEEDS_WORK.test(text)) return text;
  return text
    .toWellFormed()
    .replace(LIKE_ESCAPE, '_x005F_')
    .replace(
      NOT_XML,
      (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
    .replace(MARKUP, (character) => entities[character] ?? character);
}

/** Returns the text, or as much of it as fits into a cell, with a mark where it was cut. */
export function cutToCell(text: string): string {
  if (text.length <= MOST_CELL_CHARACTERS) return text;
  return `${text.slice(0, MOST_CELL_CHARACTERS - 1).toWellFormed()}…`;
}
