import { extraColumn, namedResultColumns } from '../../domain/result-columns.ts';

/** Columns of the five result files: the list's own, then ours. */
export interface ResultLayout {
  readonly header: readonly string[];
  /** Number of columns that are the list's own. */
  readonly originalCount: number;
  /** The run of the rows, by which a list that is handed back is recognised. */
  readonly runId: string;
}

/**
 * Lays out the columns. Cells beyond the header get their own columns, `kona_extra_1` and so on, so that nothing is
 * lost and all records have the same number of cells. `widestRow` is the largest number of cells in a row of the
 * list.
 */
export function layOutResults(listHeader: readonly string[], widestRow: number, runId: string): ResultLayout {
  const original = [...listHeader];
  const taken = new Set(listHeader.map((name) => name.trim().toLowerCase()));
  for (let extra = 1; original.length < widestRow; extra += 1)
    original.push(freeName(extraColumn(extra), taken));
  const header = [...original, ...namedResultColumns(original)];
  return { header, originalCount: original.length, runId };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(`kona_${name}`, taken) : name;
}
