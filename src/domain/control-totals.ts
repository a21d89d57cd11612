import { rowClasses, type RowClass } from './class.ts';
import type { Words } from './language.ts';

/** Rows of one run by class. Every class has its count, even where it is 0. */
export type ClassCounts = Readonly<Record<RowClass, number>>;

export function emptyClassCounts(): Record<RowClass, number> {
  return Object.fromEntries(rowClasses.map((name) => [name, 0])) as Record<RowClass, number>;
}

/** Rows by class, of rows that were counted in parts. */
export function countByClass(
  parts: readonly { readonly class: RowClass; readonly rows: number }[],
): ClassCounts {
  const counts = emptyClassCounts();
  for (const part of parts) counts[part.class] += part.rows;
  return counts;
}

export function sumOfClasses(counts: ClassCounts): number {
  return rowClasses.reduce((sum, name) => sum + counts[name], 0);
}

export const totalsCheckNames = [
  /** Rows counted while reading equal the rows in the ledger. */
  'rows_staged',
  /** Rows read equal the sum over the classes. */
  'classes',
  /** For one class: the calls noted on its rows equal the attempts of the run. */
  'attempts',
  /** Successes called in this run equal the records whose first success is in this run or was before it. */
  'first_success',
  /** Success rows whose record is not a success in the status table: 0. */
  'success_known',
  /** Rows held as successes of earlier runs equal those whose record has a first success and its attempt. */
  'held_success',
  /** For one class that calls give: its rows equal those whose last telling attempt gave it. */
  'outcomes',
  /** The same rows equal those that carry the code of that attempt. */
  'codes',
  /** Rows of a class that no call gives, although a call of the run gave one: 0. */
  'not_called',
  /** The row count in a totals line of the list equals the rows read. */
  'list_totals',
] as const;

/** One equation that must hold before a run is complete. */
export interface TotalsCheck {
  readonly name: (typeof totalsCheckNames)[number];
  /** The class that is checked; null: all classes together. */
  readonly class: RowClass | null;
  readonly expected: number;
  readonly found: number;
}

export function agrees(check: TotalsCheck): boolean {
  return check.expected === check.found;
}

/**
 * What people read of a control total. Each figure stands before its words in a sentence, and beside them in a table.
 */
export interface ControlTotalWords {
  readonly title: Words;
  readonly expected: Words;
  readonly found: Words;
}

/** The words of every control total, for every place that shows it. */
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

/** Describes a check that does not agree: its class and both figures. */
export function describeBreak(check: TotalsCheck): string {
  const { expected, found } = controlTotalWords[check.name];
  const subject = check.class === null ? '' : `${check.class}: `;
  return `${subject}${check.expected} ${expected.en}, ${check.found} ${found.en}`;
}

/**
 * Returns the checks that do not agree. Where a check fails for a class, its sum over all classes is left out,
 * because it says nothing more.
 */
export function brokenChecks(checks: readonly TotalsCheck[]): TotalsCheck[] {
  const broken = checks.filter((check) => !agrees(check));
  const byClass = new Set(broken.filter((check) => check.class !== null).map((check) => check.name));
  return broken.filter((check) => check.class !== null || !byClass.has(check.name));
}
