/**
 * Undoes `_x000D_`: how a workbook writes characters that XML can't hold, and `_x005F_` for the underscore of a text
 * that looks like it. What would become NUL or half a character, which no text can hold, stays as it is written.
 */
export function decodeEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  const decoded = text.replace(/_x([0-9A-Fa-f]{4})_/g, (escape, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code === 0 ? escape : String.fromCharCode(code);
  });
  return decoded.isWellFormed() ? decoded : text;
}
