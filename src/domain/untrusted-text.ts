/** Line breaks and tabs: they end a word, so a blank takes their place. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** C0, DEL, C1, and the marks that turn the direction of text: they could rewrite a terminal or a page. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** As above, but for the line breaks between our own lines. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Longer than any sentence of ours, and short enough for a mail. */
const LONGEST_TEXT = 4_000;

/**
 * The one cleaning of texts from outside (names of files, jobs and sheets, cells, the provider's words, database
 * errors) before they come into a sentence of ours: one line without control characters, at most `maxLength` UTF-16
 * units, never half a character. So no such text can begin a line that looks like ours, or steer a terminal.
 */
export function cleanUntrustedText(text: string, maxLength = LONGEST_TEXT): string {
  const line = text
    .slice(0, maxLength * 4)
    .replace(BREAKS, ' ')
    .replace(CONTROLS, '')
    .trim()
    .slice(0, maxLength);
  return dropHalfCharacter(line).toWellFormed();
}

/** One word that can't be taken for a sentence of ours. */
const PLAIN_NAME = /^[\p{L}\p{M}\p{N}_.+/-]+$/u;

/** A file's name or path, cleaned, as it stands in a sentence: in quotes unless it is one plain word. */
export function quoteName(name: string): string {
  const cleaned = cleanUntrustedText(name).replaceAll('"', "'");
  return PLAIN_NAME.test(cleaned) ? cleaned : `"${cleaned}"`;
}

/**
 * The last border before a terminal, a pipe or a log, for what has passed no cleaning: every control character but the
 * line feed is written out as `\uXXXX`, which is the same text to whoever reads it as JSON.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function dropHalfCharacter(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
/** Characters of a note that a person settles something with. */
export const LONGEST_NOTE = 500;

/** What a person wrote, as one line without control characters. */
export function tidyNote(text: string): string {
  return text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
}
