import type { Par, ParFault } from './par.ts';
import type { UserId, UserIdFault } from './user-id.ts';

/** Stable reason codes of a rejected row; scripts and reports rely on them. */
export type RejectionReason = UserIdFault | ParFault | 'cells';

/** One data row of a list as intake hands it to the ledger. Blank lines, titles and totals are no rows. */
export interface ListRow {
  /** 1 for the first data row; rows are handed over in this order, without gaps. */
  readonly rowNo: number;
  /** Physical line of the file on which the row starts, 1 for the first line of the file. */
  readonly line: number;
  /** The row's own cells in the list's order, unaltered. May be fewer or more than the header has. */
  readonly cells: readonly string[];
  readonly content: RowContent;
}

export type RowContent =
  | { readonly kind: 'record'; readonly userId: UserId; readonly par: Par }
  | {
      readonly kind: 'rejected';
      readonly reason: RejectionReason;
      /** Header name of the column at fault; null when the row as a whole is (reason `cells`). */
      readonly column: string | null;
      /** One sentence for the list's owner, ids masked. */
      readonly message: string;
    };
