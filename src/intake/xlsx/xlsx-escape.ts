/**
 * Undoes escapes such as `_x000D_`, with which a workbook writes characters that XML can't hold; `_x005F_` is the
 * underscore of a text that looks like an escape. An escape for NUL or half a character stays as it is, because no
 * text can hold them.
 */
export function decodeEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  const decoded = text.replace(/_x([0-9A-Fa-f]{4})_/g, (escape, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code === 0 ? escape : String.fromCharCode(code);
  });
  return decoded.isWellFormed() ? decoded : text;
}
