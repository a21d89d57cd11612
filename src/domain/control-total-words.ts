import type { TotalsCheck } from './control-totals.ts';
import type { Words } from './language.ts';

/** What people read of a control total; each figure stands before its words in a sentence, and beside them in a table. */
export interface ControlTotalWords {
  readonly title: Words;
  readonly expected: Words;
  readonly found: Words;
}

/** Of every equation, in every place that shows it. */
export const controlTotalWords: Readonly<Record<TotalsCheck['name'], ControlTotalWords>> = {
  rows_staged: {
    title: { en: 'Rows counted while reading = rows kept', ko: '읽으며 센 행 수 = 저장된 행 수' },
    expected: { en: 'rows counted while reading', ko: '읽으며 센 행' },
    found: { en: 'rows in the ledger', ko: '저장된 행' },
  },
  classes: {
    title: { en: 'Rows read = sum of the classes', ko: '읽은 행 수 = 분류별 합계' },
    expected: { en: 'rows read', ko: '읽은 행' },
    found: { en: 'rows in a class', ko: '분류별 합계' },
  },
  attempts: {
    title: { en: 'Calls on the rows = calls recorded', ko: '행에 기록된 호출 수 = 기록된 호출 수' },
    expected: { en: 'calls on the rows', ko: '행에 적힌 호출' },
    found: { en: 'calls recorded', ko: '기록된 호출' },
  },
  first_success: {
    title: {
      en: 'New successes on the rows = first successes of records',
      ko: '행의 신규 성공 수 = 최초 성공 건수',
    },
    expected: { en: 'successes called here', ko: '호출하여 성공한 건' },
    found: { en: 'first successes of records', ko: '최초 성공 건' },
  },
  success_known: {
    title: { en: 'Success rows that the status table does not know', ko: '상태 테이블에 없는 성공 행 수' },
    expected: { en: 'success rows allowed that the status table does not know', ko: '허용' },
    found: { en: 'found', ko: '상태 테이블에 없음' },
  },
  held_success: {
    title: {
      en: 'Already enrolled before = have a first success',
      ko: '이미 등록된 행 = 최초 성공 기록이 있는 행',
    },
    expected: { en: 'rows already_done', ko: '행' },
    found: { en: 'with a first success and its call', ko: '성공 기록' },
  },
  outcomes: {
    title: {
      en: 'Class of the rows = class of their last telling call',
      ko: '행의 분류 = 마지막 유효 호출의 분류',
    },
    expected: { en: 'rows with this class', ko: '행' },
    found: { en: 'have it by their last telling call', ko: '호출 기록' },
  },
  codes: {
    title: {
      en: 'Code of the rows = code of their last telling call',
      ko: '행의 코드 = 마지막 유효 호출의 코드',
    },
    expected: { en: 'rows with this class', ko: '행' },
    found: { en: 'with the code of their last telling call', ko: '호출 기록' },
  },
  not_called: {
    title: {
      en: 'Rows never called that a call gave a class',
      ko: '호출되지 않았어야 하나 호출로 분류된 행 수',
    },
    expected: { en: 'rows allowed that a call gave another class', ko: '허용' },
    found: { en: 'found', ko: '발견' },
  },
  list_totals: {
    title: { en: "Rows the list's totals line gives = rows read", ko: '목록 합계 행의 건수 = 읽은 행 수' },
    expected: { en: "rows by the list's own totals line", ko: '합계 행' },
    found: { en: 'rows read', ko: '읽은 행' },
  },
};
