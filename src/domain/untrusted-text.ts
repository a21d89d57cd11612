/** Line breaks and tabs, which are replaced by a blank because they end a word. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** C0, DEL, C1, and the marks that turn the direction of text: they could rewrite a terminal or a page. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** As above, but for the line breaks between our own lines. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Nothing in such a text is to be cleaned; most answers have no other. */
const PRINTABLE = /^[ -~]*$/;

/** Longer than any sentence of ours, and short enough for a mail. */
const LONGEST_TEXT = 4_000;

/**
 * Cleans a text from outside (names of files, jobs and sheets, cells, the provider's words, database errors) before
 * it enters a sentence of ours. Returns one line without control characters, at most `maxLength` UTF-16 units, never
 * half a character. So no such text can start a line that looks like ours, or control a terminal.
 */
export function cleanUntrustedText(text: string, maxLength = LONGEST_TEXT): string {
  if (text.length <= maxLength && PRINTABLE.test(text)) return text.trim();
  const line = text
    .slice(0, maxLength * 4)
    .replace(BREAKS, ' ')
    .replace(CONTROLS, '')
    .trim()
    .slice(0, maxLength);
  return dropHalfCharacter(line).toWellFormed();
}

/** Matches one word that can't be mistaken for a sentence of ours. */
const PLAIN_NAME = /^[\p{L}\p{M}\p{N}_.+/-]+$/u;

/** Returns a file's name or path, cleaned, for use in a sentence: in quotes unless it is one plain word. */
export function quoteName(name: string): string {
  const cleaned = cleanUntrustedText(name).replaceAll('"', "'");
  return PLAIN_NAME.test(cleaned) ? cleaned : `"${cleaned}"`;
}

/**
 * Escapes control characters right before a terminal, a pipe or a log, for texts that were not cleaned. Every control
 * character but the line feed becomes `\uXXXX`, which JSON readers take for the same text.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function dropHalfCharacter(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
/** Longest note, in characters, with which a person settles something. */
export const LONGEST_NOTE = 500;

/** Returns what a person wrote as one line without control characters. */
export function tidyNote(text: string): string {
  return text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
}
