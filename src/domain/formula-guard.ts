/**
 * Matches a cell that a spreadsheet would run as a formula; it is written with an apostrophe before it (CWE-1236). A
 * cell that already looks guarded gets one more, so that removing one always gives the original.
 */
const RUNS_AS_FORMULA = /^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

export function guardFormula(cell: string): string {
  return RUNS_AS_FORMULA.test(cell) ? `'${cell}` : cell;
}

export function unguardFormula(cell: string): string {
  return cell.startsWith("'") && RUNS_AS_FORMULA.test(cell) ? cell.slice(1) : cell;
}
