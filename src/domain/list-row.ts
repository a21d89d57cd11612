import type { Par, ParFault } from './identity/par.ts';
import type { UserId, UserIdFault } from './identity/user-id.ts';

/** Stable reason codes of a rejected row; scripts and reports rely on them. */
export const rejectionReasons = [
  'user_id_missing',
  'user_id_format',
  'user_id_zero',
  'user_id_length',
  'user_id_error',
  'par_missing',
  'par_length',
  'par_lower_case',
  'par_format',
  'par_error',
  'cells',
  'heading',
] as const satisfies readonly (
  UserIdFault | ParFault | 'user_id_error' | 'par_error' | 'cells' | 'heading'
)[];
export type RejectionReason = (typeof rejectionReasons)[number];

/** One data row of a list as intake hands it to the ledger. Blank lines, titles and totals are no rows. */
export interface ListRow {
  /** 1 for the first data row; rows are handed over in this order, without gaps. */
  readonly rowNo: number;
  /** Its place: physical line it starts on, row of the sheet, or number in the query's order; 1 for the first. */
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
      /** Header name of the column at fault; null when the row as a whole is (reasons `cells` and `heading`). */
      readonly column: string | null;
      /** For the list's owner, one sentence in English and one in Korean; ids masked. */
      readonly message: string;
    };
