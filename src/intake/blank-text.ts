/**
 * Matches characters that nobody sees, as Unicode lists them: zero-width blanks and joiners, direction marks, the soft
 * hyphen, fillers, variation selectors, tags.
 */
export const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** Control-Z is what old systems write at a file's end. */
// oxlint-disable-next-line no-control-regex -- a control character is what is looked for
const SOMETHING = /[^\s\p{Default_Ignorable_Code_Point}\u001a]/u;

/** Returns whether a person sees nothing in a cell. */
export function isBlankText(text: string): boolean {
  return text === '' || !SOMETHING.test(text);
}
