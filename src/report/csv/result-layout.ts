import { namedResultColumns } from '../../domain/result-columns.ts';

/** Columns of the five result files: the list's own, then ours. */
export interface ResultLayout {
  readonly header: readonly string[];
  /** How many of them are the list's own. */
  readonly originalCount: number;
  /** The run the rows come from, so that a list handed back is known by it. */
  readonly runId: string;
}

/**
 * Cells beyond the header get columns of their own, `kona_extra_1` and on, so that nothing is lost and every
 * record of the files has the same number of cells. `widestRow` is the most cells any row of the list has.
 */
export function layOutResults(listHeader: readonly string[], widestRow: number, runId: string): ResultLayout {
  const original = [...listHeader];
  const taken = new Set(listHeader.map((name) => name.trim().toLowerCase()));
  for (let extra = 1; original.length < widestRow; extra += 1)
    original.push(freeName(`kona_extra_${extra}`, taken));
  const header = [...original, ...namedResultColumns(original)];
  return { header, originalCount: original.length, runId };
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(`kona_${name}`, taken) : name;
}
