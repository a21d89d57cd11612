import type { ParFault } from '../identity/par.ts';
import type { UserIdFault } from '../identity/user-id.ts';

/** Stable reason codes of a rejected row; scripts and reports rely on them, and the ledger takes no other. */
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

/**
 * Why a row is rejected: the reason, and the parts that its sentence names. Every part may be kept and shown: what may
 * hold an id is masked, and each is cut to a length. `column` is the header of the column at fault.
 */
export type Rejection =
  | {
      readonly reason: 'user_id_missing' | 'par_missing';
      readonly column: string;
      /** The cell holds a formula whose result the file does not hold. */
      readonly isFormula: boolean;
    }
  | { readonly reason: 'user_id_zero'; readonly column: string }
  | {
      readonly reason: 'user_id_length' | 'par_lower_case';
      readonly column: string;
      readonly cell: ShownCell;
    }
  | {
      readonly reason: 'user_id_format' | 'par_format';
      readonly column: string;
      readonly cell: ShownCell;
      /** Code points beyond ASCII, such as U+0417: a letter that only looks like one of ours can't be seen. */
      readonly foreign: readonly string[];
      /** The cell holds further ones. */
      readonly hasMoreForeign: boolean;
    }
  | {
      readonly reason: 'par_length';
      readonly column: string;
      readonly cell: ShownCell;
      /** Characters of the cell without the blanks around it. */
      readonly length: number;
    }
  | {
      readonly reason: 'user_id_error' | 'par_error';
      readonly column: string;
      /** As the spreadsheet writes it, such as #N/A. */
      readonly error: string;
    }
  | { readonly reason: 'cells'; readonly cells: number; readonly expectedCells: number }
  | { readonly reason: 'heading' };

/** A cell that should hold an id, as it may be shown. */
export interface ShownCell {
  /** Its first characters on one line, masked. */
  readonly masked: string;
  /** All characters it has where those are only its first; null: they are all. */
  readonly cutFrom: number | null;
}
