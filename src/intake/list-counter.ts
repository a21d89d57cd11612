import { normalisations, type Normalisation } from './rows/id-cell.ts';
import type { FoundHeader } from './header/list-header.ts';
import type { CellMark } from './list-table.ts';
import type { ReadRow } from './rows/read-row.ts';

/** What was put right or seen in the two columns of ids, in cells. */
export interface CellCounts {
  readonly normalised: Readonly<Record<Normalisation, number>>;
  /** Ids that are what a spreadsheet kept of a formula's last result. */
  readonly formulas: number;
}

export class ListCounter {
  private readonly normalised = Object.fromEntries(normalisations.map((kind) => [kind, 0])) as Record<
    Normalisation,
    number
  >;
  private formulas = 0;

  count({ ids }: ReadRow, marks: readonly CellMark[], { userId, par }: FoundHeader): void {
    for (const { changes } of [ids.userId, ids.par]) {
      for (const change of changes) this.normalised[change] += 1;
    }
    this.formulas += marks.filter(
      ({ kind, index }) => kind === 'formula' && (index === userId || index === par),
    ).length;
  }

  counts(): CellCounts {
    return { normalised: { ...this.normalised }, formulas: this.formulas };
  }
}
