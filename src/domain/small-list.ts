/** A list of so many rows is done with soon, so its run goes before longer ones. */
const SMALL_ROWS = 1_000;

export function isSmallList(rows: number): boolean {
  return rows <= SMALL_ROWS;
}
