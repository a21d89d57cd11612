import type { Language, Words } from '../language.ts';
import type { Rejection, ShownCell } from './rejection.ts';

/** What the ledger keeps to explain a row. */
export interface KeptRejection {
  /** Null where the row is not rejected, or was staged by a version that kept the sentence. */
  readonly rejection: Rejection | null;
  /**
   * The sentence that such a version kept, in English or in both languages; for a row that is not rejected, the
   * provider's words.
   */
  readonly message: string | null;
}

/** Returns, for the list's owner, why a row is rejected and what it should hold. */
export function tellRejection({ rejection, message }: KeptRejection, language: Language): string {
  return rejection === null ? halfInLanguage(message ?? '', language) : wordsOfRejection(rejection)[language];
}

/**
 * Returns the same in English and then in Korean, for the result files, whose readers may know either language. For a
 * row that is not rejected it returns the message as it is.
 */
export function tellRejectionInBoth({ rejection, message }: KeptRejection): string | null {
  if (rejection === null) return message;
  const { en, ko } = wordsOfRejection(rejection);
  return `${en}${BETWEEN_LANGUAGES}${ko}`;
}

const BETWEEN_LANGUAGES = ' | ';

/**
 * Returns the half of a kept sentence in this language. A column name that contains the separator appears in both
 * halves, so the halves can still be found.
 */
function halfInLanguage(message: string, language: Language): string {
  const parts = message.split(BETWEEN_LANGUAGES);
  if (parts.length % 2 === 1) return message;
  const half = parts.length / 2;
  return parts.slice(...(language === 'en' ? [0, half] : [half])).join(BETWEEN_LANGUAGES);
}

/** Returns the rejection as one sentence in each language. */
export function wordsOfRejection(rejection: Rejection): Words {
  if (rejection.reason === 'heading') return HEADING;
  if (rejection.reason === 'cells') {
    return {
      en: `The row has ${countOf(rejection.cells)} where the header has ${countOf(rejection.expectedCells)}; put each value into its own column, and one that holds the delimiter into quotes.`,
      ko: `이 행은 ${rejection.cells}칸, 제목 행은 ${rejection.expectedCells}칸입니다; 값을 각자의 열에 넣고, 구분자가 든 값은 따옴표로 묶어 주십시오.`,
    };
  }
  const { column } = rejection;
  const fault = faultOfCell(rejection);
  const expected = fault.expected ?? expectedOf(rejection.reason);
  return { en: `${column} ${fault.en}; ${expected.en}.`, ko: `${column}: ${fault.ko}; ${expected.ko}.` };
}

const HEADING: Words = {
  en: 'The line holds words and no ids, like a heading of the rows below it; if those are not meant, take them out of the list.',
  ko: '식별자가 없는 글만 있는 줄로, 아래 행들의 소제목처럼 보입니다; 그 행들이 대상이 아니면 목록에서 빼 주십시오.',
};

type CellRejection = Extract<Rejection, { readonly column: string }>;

interface CellFault extends Words {
  /** What to do, where writing a valid id into the cell is not the answer. */
  readonly expected?: Words;
}

function faultOfCell(rejection: CellRejection): CellFault {
  switch (rejection.reason) {
    case 'user_id_missing':
    case 'par_missing':
      return rejection.isFormula ? NO_RESULT : { en: 'is empty', ko: '비어 있습니다' };
    case 'user_id_zero':
      return { en: 'is zero', ko: '0입니다' };
    case 'user_id_length':
      return besideCell(rejection.cell, { en: 'has more than 19 digits', ko: '19자리를 넘습니다' });
    case 'user_id_format':
      return besideCell(rejection.cell, {
        en: `holds something other than digits${foreignWords(rejection)}`,
        ko: `숫자가 아닌 글자가 있습니다${foreignWords(rejection)}`,
      });
    case 'par_length':
      return besideCell(rejection.cell, {
        en: `has ${rejection.length} characters`,
        ko: `${rejection.length}자입니다`,
      });
    case 'par_lower_case':
      return besideCell(rejection.cell, { en: 'has small letters', ko: '소문자가 있습니다' });
    case 'par_format':
      return besideCell(rejection.cell, {
        en: `holds something other than A-Z and 0-9${foreignWords(rejection)}`,
        ko: `A-Z, 0-9가 아닌 글자가 있습니다${foreignWords(rejection)}`,
      });
    case 'user_id_error':
    case 'par_error':
      return {
        en: `holds the error ${rejection.error} of a formula`,
        ko: `수식 오류 ${rejection.error}입니다`,
      };
  }
}

/**
 * The file lacks the formula's result, as where a program wrote the formula and nobody has saved the workbook since.
 */
const NO_RESULT: CellFault = {
  en: 'holds a formula without a saved result',
  ko: '결과가 저장되지 않은 수식입니다',
  expected: {
    en: 'open the workbook in Excel and save it again, or write the value itself',
    ko: '엑셀에서 열어 다시 저장하거나 값을 직접 입력해 주십시오',
  },
};

function expectedOf(reason: CellRejection['reason']): Words {
  return reason.startsWith('user_id')
    ? { en: 'expected are 1 to 19 digits, not zero', ko: '0이 아닌 1~19자리 숫자로 고쳐 주십시오' }
    : {
        en: 'expected are exactly 27 characters of A-Z and 0-9',
        ko: 'A-Z, 0-9로 된 정확히 27자로 고쳐 주십시오',
      };
}

function besideCell({ masked, cutFrom }: ShownCell, fault: Words): Words {
  const shown = cutFrom === null ? `"${masked}"` : `"${masked}…"`;
  return {
    en: `${shown}${cutFrom === null ? '' : ` (${cutFrom} characters)`} ${fault.en}`,
    ko: `${shown}${cutFrom === null ? '' : ` (${cutFrom}자)`} ${fault.ko}`,
  };
}

function foreignWords({
  foreign,
  hasMoreForeign,
}: Extract<Rejection, { readonly foreign: unknown }>): string {
  return foreign.length === 0 ? '' : ` (${foreign.join(', ')}${hasMoreForeign ? ' …' : ''})`;
}

function countOf(cells: number): string {
  return cells === 1 ? '1 cell' : `${cells} cells`;
}
