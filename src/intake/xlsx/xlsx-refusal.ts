import type { Words } from '../../domain/language.ts';
import { type ListAdvice, ListRefusedError } from '../list-errors.ts';

export const SAVE_AS_XLSX: Words = {
  en: 'open it in Excel and save it as "Excel Workbook (.xlsx)"',
  ko: '엑셀에서 열어 "Excel 통합 문서(.xlsx)"로 저장해 주십시오',
};

/** Refuses a workbook. `file` is its base name. Without `advice` the owner is told to save the list as .xlsx. */
export function refuseWorkbook(
  file: string,
  what: Words,
  advice: ListAdvice = SAVE_AS_XLSX,
): ListRefusedError {
  return new ListRefusedError({ reason: 'workbook', file, line: null, column: null, what, advice });
}

/** Refuses content that no program writes which follows the format. `what` must not name the file's content. */
export function refuseDamaged(file: string, what: Words): ListRefusedError {
  return refuseWorkbook(file, damaged(what), {
    en: `copy the file again, or ${SAVE_AS_XLSX.en}`,
    ko: `파일을 다시 복사하거나, ${SAVE_AS_XLSX.ko}`,
  });
}

/** Refuses one cell or one row of the sheet; `cell` names it, such as `cell B3`. */
export function refusePlace(
  file: string,
  reason: 'workbook' | 'field_too_large' | 'row_too_large',
  place: { readonly line: number; readonly cell: Words },
  what: Words,
): ListRefusedError {
  const isDamaged = reason === 'workbook';
  return new ListRefusedError({
    reason,
    file,
    line: place.line,
    column: null,
    cell: place.cell,
    what: isDamaged ? damaged(what) : what,
    advice: isDamaged ? SAVE_AS_XLSX : SHORTEN,
  });
}

const SHORTEN: Words = {
  en: 'shorten it, or remove what is not part of the list',
  ko: '내용을 줄이거나 목록이 아닌 것은 빼 주십시오',
};

function damaged({ en, ko }: Words): Words {
  return { en: `the workbook is damaged: ${en}`, ko: `통합 문서가 손상되었습니다: ${ko}` };
}
