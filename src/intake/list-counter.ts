import { normalisations, type Normalisation } from './rows/id-cell.ts';
import type { FoundHeader } from './header/list-header.ts';
import type { CellMark } from './list-table.ts';
import type { ReadRow } from './rows/read-row.ts';

/** Counts of cells, in the two id columns, that were corrected or came from a formula. */
export interface CellCounts {
  readonly normalised: Readonly<Record<Normalisation, number>>;
  /** Ids that are the result a spreadsheet stored with a formula. */
  readonly formulas: number;
}

export class ListCounter {
  private readonly normalised = Object.fromEntries(normalisations.map((kind) => [kind, 0])) as Record<
    Normalisation,
    number
  >;
  private formulas = 0;

  count({ ids }: ReadRow, marks: readonly CellMark[] | undefined, { userId, par }: FoundHeader): void {
    for (const change of ids.userId.changes) this.normalised[change] += 1;
    for (const change of ids.par.changes) this.normalised[change] += 1;
    if (marks === undefined) return;
    for (const { kind, index } of marks) {
      if (kind === 'formula' && (index === userId || index === par)) this.formulas += 1;
    }
  }

  counts(): CellCounts {
    return { normalised: { ...this.normalised }, formulas: this.formulas };
  }
}
