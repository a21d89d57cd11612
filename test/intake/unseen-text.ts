/** Returns whether a text is blanks, what nobody sees, and Control-Z. It is written apart from the program's own rule. */
export function isUnseen(text: string): boolean {
  return (
    text
      .replaceAll('\x1a', '')
      .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
      .trim() === ''
  );
}
