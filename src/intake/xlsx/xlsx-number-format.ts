/** First and last numbers of the built-in formats that show a date or a time (ECMA-376 18.8.30). */
const builtInDates: readonly (readonly [number, number])[] = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
];

/**
 * Parts of a format code that never show a part of the number: "text", [condition or colour], \x, and _x and *x for
 * blanks.
 */
const LITERALS = /"[^"]*(?:"|$)|\[[^\]]*(?:\]|$)|[\\_*][^]/g;

export function isBuiltInDate(formatId: number): boolean {
  return builtInDates.some(([first, last]) => formatId >= first && formatId <= last);
}

/** Returns whether a workbook's own format code, such as `yyyy"년" m"월"`, shows a date or a time. */
export function isDateFormat(code: string): boolean {
  const shown = code.replace(LITERALS, '').replace(/General/gi, '');
  return /[ymdhs]/i.test(shown);
}
