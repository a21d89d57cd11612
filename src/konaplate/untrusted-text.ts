/** Line breaks and tabs: they end a word, so a blank takes their place. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** C0, DEL, C1, and the marks that turn the direction of text: they could rewrite a terminal or a page. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** One line without control characters, at most `maxLength` UTF-16 units, never half a character. */
export function cleanUntrustedText(text: string, maxLength: number): string {
  const line = text
    .slice(0, maxLength * 4)
    .replace(BREAKS, ' ')
    .replace(CONTROLS, '')
    .trim()
    .slice(0, maxLength);
  return dropHalfCharacter(line).toWellFormed();
}

function dropHalfCharacter(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
