import type { ParFault } from '../identity/par.ts';
import type { UserIdFault } from '../identity/user-id.ts';

/** Stable reason codes of a rejected row. Scripts and reports rely on them, and the ledger accepts no others. */
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
 * Why a row is rejected: the reason, and the parts that its sentence names. Every part may be kept and shown, because
 * what may hold an id is masked and each part is cut to a length. `column` is the header of the faulty column.
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
      /**
       * Characters beyond ASCII as code points, such as U+0417, because a letter that only looks like one of ours
       * can't be recognised by eye.
       */
      readonly foreign: readonly string[];
      /** The cell holds more such characters. */
      readonly hasMoreForeign: boolean;
    }
  | {
      readonly reason: 'par_length';
      readonly column: string;
      readonly cell: ShownCell;
      /** Number of characters in the cell without the blanks around it. */
      readonly length: number;
    }
  | {
      readonly reason: 'user_id_error' | 'par_error';
      readonly column: string;
      /** The error as the spreadsheet writes it, such as #N/A. */
      readonly error: string;
    }
  | { readonly reason: 'cells'; readonly cells: number; readonly expectedCells: number }
  | { readonly reason: 'heading' };

/** A cell that should hold an id, in the form that may be shown. */
export interface ShownCell {
  /** Its first characters, on one line and masked. */
  readonly masked: string;
  /** Number of characters of the whole cell where only the first are shown; null where all are shown. */
  readonly cutFrom: number | null;
}
