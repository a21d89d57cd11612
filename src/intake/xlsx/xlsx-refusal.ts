import { ListRefusedError } from '../list-errors.ts';

const SAVE_AS_XLSX = 'open it in Excel and save it as "Excel Workbook (.xlsx)"';

/** `file` is the base name; without advice the owner is told to save the list as .xlsx. */
export function refuseWorkbook(file: string, what: string, advice = SAVE_AS_XLSX): ListRefusedError {
  return new ListRefusedError({ reason: 'workbook', file, line: null, column: null, what, advice });
}

/** For what no program that keeps to the format writes; `what` names no content of the file. */
export function refuseDamaged(file: string, what: string): ListRefusedError {
  return refuseWorkbook(file, `the workbook is damaged: ${what}`, `copy the file again, or ${SAVE_AS_XLSX}`);
}

/** Of one cell or one row of the sheet; `cell` names it, such as `cell B3`. */
export function refusePlace(
  file: string,
  reason: 'workbook' | 'field_too_large' | 'row_too_large',
  place: { readonly line: number; readonly cell: string },
  what: string,
): ListRefusedError {
  const isDamaged = reason === 'workbook';
  return new ListRefusedError({
    reason,
    file,
    line: place.line,
    column: null,
    cell: place.cell,
    what: isDamaged ? `the workbook is damaged: ${what}` : what,
    advice: isDamaged ? SAVE_AS_XLSX : 'shorten it, or leave out what is not part of the list',
  });
}
