import type { Language } from '../../domain/language.ts';
import type { LeftOut } from '../folder/left-out.ts';

/** The words of report.xlsx in addition to those of classes, codes and audiences. */
export interface WorkbookTexts {
  readonly totals: string;
  /** Heading of the other equations, behind everything that people read first. */
  readonly proofs: string;
  readonly proofHeadings: readonly [string, string, string, string];
  readonly totalsAgree: string;
  readonly totalsDisagree: string;
  readonly rowsRead: string;
  readonly listHash: string;
  readonly started: string;
  readonly finished: string;
  readonly classes: string;
  readonly classHeadings: readonly [string, string, string, string];
  readonly codes: string;
  readonly codeHeadings: readonly [string, string, string, string];
  readonly givenClasses: string;
  readonly course: string;
  readonly calls: string;
  readonly retries: string;
  readonly inquiries: string;
  readonly rateAllowed: string;
  readonly rateUsed: string;
  readonly latency: (share: string) => string;
  /** Counts of records, except changed PARs, which count members. */
  readonly difference: {
    readonly since: (night: string) => string;
    readonly added: string;
    readonly gone: string;
    readonly parChanged: string;
    readonly newlyFailing: string;
    readonly cured: string;
    readonly stillFailing: (nights: number) => string;
  };
  readonly breaks: {
    readonly heading: string;
    readonly none: string;
    readonly headings: readonly [string, string, string, string];
    readonly fresh: string;
    readonly stillOpen: string;
    readonly age: (nights: string) => string;
    readonly explained: string;
    readonly gone: string;
  };
  readonly leftOut: (file: string, left: LeftOut) => string;
  /** Headings of our columns in their order; times are shown in `zone`. */
  readonly resultHeadings: (zone: string) => readonly string[];
}

const korean: WorkbookTexts = {
  totals: '합계',
  proofs: '검증 항목',
  proofHeadings: ['등식', '기대값', '확인값', '결과'],
  totalsAgree: '일치',
  totalsDisagree: '불일치',
  rowsRead: '읽은 행',
  listHash: '목록의 SHA-256',
  started: '시작',
  finished: '종료',
  classes: '분류별 행',
  classHeadings: ['분류', '행 수', '조치할 사람', '조치'],
  codes: '제공사 코드별 행',
  codeHeadings: ['코드', '행 수', '', '의미'],
  givenClasses: '기본 규칙이 아닌 outcomes로 정한 분류',
  course: '실행 과정',
  calls: '등록 호출',
  retries: '재시도',
  inquiries: '조회 호출',
  rateAllowed: '허용 속도',
  rateUsed: '초당 호출',
  latency: (share) => `응답 시간 ${share} (ms)`,
  difference: {
    since: (night) => `지난 실행(${night})과의 차이`,
    added: '새로 추가된 건',
    gone: '목록에서 빠진 건',
    parChanged: 'PAR가 바뀐 회원',
    newlyFailing: '새로 실패한 건',
    cured: '해결된 건',
    stillFailing: (nights) => `${nights}일째 실패 중인 건`,
  },
  breaks: {
    heading: '목록·당사 원장·제공사 간 불일치',
    none: '확인된 불일치가 없습니다.',
    headings: ['유형', '미해결', '', '조치'],
    fresh: '신규',
    stillOpen: '계속 미해결',
    age: (nights) => `미해결: ${nights}`,
    explained: '소명됨',
    gone: '해소됨',
  },
  leftOut: (file, left) =>
    `${file}을(를) 만들지 않았습니다: ${koreanReason(left)}. 모든 행은 failed.csv에 있습니다.`,
  resultHeadings: (zone) => [
    '행',
    '분류',
    '코드',
    '메시지',
    '조치할 사람',
    '호출 횟수',
    'HTTP 상태',
    '상관 ID',
    `첫 호출(${zone})`,
    `마지막 호출(${zone})`,
    '비고',
    '실행',
  ],
};

const english: WorkbookTexts = {
  totals: 'Totals',
  proofs: 'Proofs of the totals',
  proofHeadings: ['Equation', 'Expected', 'Found', 'Result'],
  totalsAgree: 'agree',
  totalsDisagree: 'DO NOT AGREE',
  rowsRead: 'Rows read',
  listHash: 'SHA-256 of the list',
  started: 'Started',
  finished: 'Finished',
  classes: 'Rows by class',
  classHeadings: ['Class', 'Rows', 'Who must act', 'What to do'],
  codes: "Rows by the provider's code",
  codeHeadings: ['Code', 'Rows', '', 'What it means'],
  givenClasses: 'Classes given by outcomes',
  course: 'How the run went',
  calls: 'Calls that register',
  retries: 'Retries',
  inquiries: 'Inquiries',
  rateAllowed: 'Rate allowed',
  rateUsed: 'Calls a second',
  latency: (share) => `Latency ${share} (ms)`,
  difference: {
    since: (night) => `Difference from the night of ${night}`,
    added: 'New in the list',
    gone: 'Gone from the list',
    parChanged: 'Members with another PAR',
    newlyFailing: 'Newly failing',
    cured: 'Cured',
    stillFailing: (nights) => (nights === 1 ? 'Failing for 1 night' : `Failing for ${nights} nights`),
  },
  breaks: {
    heading: 'Breaks between list, our records and the provider',
    none: 'No breaks are known.',
    headings: ['Kind', 'Open', '', 'What to do'],
    fresh: 'New',
    stillOpen: 'Still open',
    age: (nights) => `Open: ${nights}`,
    explained: 'Explained',
    gone: 'Gone',
  },
  leftOut: (file, left) => `${file} was left out: ${englishReason(left)}. failed.csv has every row.`,
  resultHeadings: (zone) => [
    'Line',
    'Class',
    'Code',
    'Message',
    'Who must act',
    'Calls',
    'HTTP status',
    'Correlation id',
    `First call (${zone})`,
    `Last call (${zone})`,
    'Note',
    'Run',
  ],
};

function koreanReason(left: LeftOut): string {
  switch (left.kind) {
    case 'rows':
      return `${left.rows}행은 시트 하나에 담을 수 있는 ${left.most}행을 넘습니다`;
    case 'columns':
      return `${left.columns}열은 시트에 담을 수 있는 ${left.most}열을 넘습니다`;
    case 'cell':
      return `${left.line}행의 셀이 셀 하나에 담을 수 있는 ${left.most}자를 넘습니다`;
    case 'bytes':
      return '통합 문서로 만들기에는 너무 큽니다';
  }
}

function englishReason(left: LeftOut): string {
  switch (left.kind) {
    case 'rows':
      return `${left.rows} rows are more than the ${left.most} of one sheet`;
    case 'columns':
      return `${left.columns} columns are more than the ${left.most} of a sheet`;
    case 'cell':
      return `a cell on line ${left.line} has more than the ${left.most} characters of a cell`;
    case 'bytes':
      return 'it would be larger than a workbook can be';
  }
}

const byLanguage: Readonly<Record<Language, WorkbookTexts>> = { ko: korean, en: english };

export function workbookTextsIn(language: Language): WorkbookTexts {
  return byLanguage[language];
}
