import { expect, test } from 'vitest';
import { formatDuration } from '../../src/cli/terminal/duration-words.ts';
import { formatPlan } from '../../src/cli/views/plan-view.ts';
import { emptyClassCounts } from '../../src/domain/control-totals.ts';
import type { ListPlan } from '../../src/run/plan-list.ts';

const plan: ListPlan = {
  list: {
    name: 'list.csv',
    format: 'csv',
    encoding: 'cp949',
    verdict: { encoding: 'cp949', how: 'accident', samples: ['화*'] },
    delimiter: '\t',
    sheets: null,
    headerLine: 3,
    columns: { userId: '회원번호', par: 'PAR' },
    handedBack: true,
    resemblesResult: false,
    rowsRead: 12_345,
    blankLines: 2,
    titleLines: 1,
    headerLines: 0,
    totalsLines: 0,
    noteLines: 0,
    headings: null,
    manyCards: null,
    swallowingCells: 0,
    openEnd: null,
    totals: null,
    normalised: { apostrophe: 4 },
    zeroEnded: { length: 16, ids: 40, zeroEnded: 38, firstLine: 4 },
    formulas: 1,
  },
  sha256: 'x',
  classes: { ...emptyClassCounts(), unprocessed: 12_000, rejected: 45, already_done: 300 },
  rejections: [{ reason: 'par_length', rows: 45, firstLine: 9 }],
  firstRejected: [
    {
      line: 9,
      reason: 'par_length',
      message: null,
      rejection: {
        reason: 'par_length',
        column: 'PAR',
        cell: { masked: '******xyz', cutFrom: null },
        length: 9,
      },
    },
  ],
  due: 12_000,
  dueHistory: { neverCalled: 11_000, calledBefore: 1_000 },
  secondsAtLeast: 12_000 / 2,
  endsAt: new Date('2026-11-24T15:40:00Z'),
  beforeStop: null,
  guards: {
    canary: 20,
    maxFailures: { kind: 'share', percent: 5 },
    maxUnknownCodes: 20,
    newlyFailingPercent: 10,
  },
  difference: { runId: 'run-1', added: 5, gone: 6, changedPar: 7 },
  size: { rows: 12_345, usualRows: 4_000, changePercent: 209, isUnusual: true },
  finishedBefore: { id: 'run-0', finishedAt: new Date(0) },
  continues: 'run-2',
};

const words = {
  provider: 'truth',
  rate: '2/s',
  saidYes: false,
  again: false,
  maxCalls: 12_000,
  timeZone: 'Asia/Seoul',
  inKoreanToo: false,
};

test('why a row is rejected stands in Korean too for whoever asked for it', () => {
  const lines = formatPlan(plan, { ...words, inKoreanToo: true }).split('\n');
  const at = lines.findIndex((line) => line.startsWith('  line 9: '));
  expect(lines[at + 1]).toBe(
    '  line 9: PAR: "******xyz" 9자입니다; A-Z, 0-9로 된 정확히 27자로 고쳐 주십시오.',
  );
});

test('a result file whose columns were moved is told to be an ordinary list', () => {
  const list = { ...plan.list, handedBack: false, resemblesResult: true };
  expect(formatPlan({ ...plan, list }, words)).toMatch(
    /  it has columns of our result files, .* rows whose result is kept are not called again; to hand it back, /,
  );
  expect(formatPlan(plan, words)).not.toContain('it has columns of our result files');
});

test('of a workbook its sheet, and those that are not read', () => {
  const list = {
    ...plan.list,
    format: 'xlsx' as const,
    delimiter: '',
    sheets: { read: '1월', unread: ['2월'], hidden: [] },
  };
  expect(
    formatPlan({ ...plan, list }, words)
      .split('\n')
      .slice(0, 2),
  ).toEqual([
    'read list.csv: Excel workbook, sheet "1월" · header in line 3: user id "회원번호", PAR "PAR" · one of our own result files, handed back',
    '  sheets not read: "2월"',
  ]);
});

test('a person reads how the list was read, what is wrong, what will be called and until when', () => {
  expect(formatPlan(plan, words).split('\n')).toEqual([
    'read list.csv: CP949 (as UTF-8 it would have no Hangul; if this looks wrong, give --encoding utf-8) such as 화* · tab · header in line 3: user id "회원번호", PAR "PAR" · one of our own result files, handed back',
    '  ids corrected; removed before sending: 4 with a leading apostrophe',
    '  lines that do not count as rows: 2 blank, 1 title',
    '  1 id is the result of a formula, as it was when the workbook was last saved',
    '  38 of 40 ids with 16 digits end in zeros, as if a spreadsheet had rounded them; accepted as they are (list.idsMayEndInZeros)',
    '',
    '  class          rows',
    '  already_done    300',
    '  rejected         45',
    '  to be called  12000',
    '',
    '  rejected par_length: 45, first in line 9',
    '  line 9: PAR "******xyz" has 9 characters; expected are exactly 27 characters of A-Z and 0-9.',
    '',
    '12345 rows read = 300 + 45 + 12000',
    '12000 to call at truth: 11000 never called yet, 1000 called before and not enrolled.',
    'At 2/s that takes 1 h 40 min at least; begun now, it ends at 2026-11-25 00:40 (Asia/Seoul).',
    'Against the last list (run-1): 5 records new, 6 gone, 7 members with another PAR.',
    'A list with the same content was completed before, in run run-0: only what may come again is called.',
    'Run run-2 is unfinished with this content: it would be continued.',
    'This job usually has 4000 rows: 209% more now, which a run refuses without --yes (guards.listSize).',
    'A run stops when more than half of 20 records called first fail (canary), or more than 10% of earlier successes are refused (newlyFailing), or more than 5% of all fail (maxFailures), or more than 20 calls meet unknown codes (maxUnknownCodes).',
    'Nothing was called and nothing was kept.',
    '',
  ]);
});

test('more than a night may have', () => {
  expect(formatPlan(plan, words)).not.toContain('limits.maxCalls');
  expect(formatPlan(plan, { ...words, maxCalls: 11_999 })).toContain(
    '\nlimits.maxCalls lets 11999 of them be called in one night.\n',
  );
});

test('guards that are off are left out', () => {
  const guards = {
    canary: 0,
    maxFailures: { kind: 'share', percent: 100 },
    maxUnknownCodes: 7,
    newlyFailingPercent: null,
  } as const;
  expect(formatPlan({ ...plan, guards }, words)).toContain(
    '\nA run stops when more than 7 calls meet unknown codes (maxUnknownCodes).\n',
  );
  const numbers = { ...guards, maxFailures: { kind: 'count', count: 50 } } as const;
  expect(formatPlan({ ...plan, guards: numbers }, words)).toContain(
    'when more than 50 of all fail (maxFailures), or',
  );
});

test('whether it fits before stopAt', () => {
  const stopAt = new Date('2026-11-24T20:30:00Z');
  expect(formatPlan({ ...plan, beforeStop: { stopAt, fits: true, calls: 12_000 } }, words)).toContain(
    '(Asia/Seoul).\nThis can be finished before windows.stopAt, 2026-11-25 05:30.\n',
  );
  expect(formatPlan({ ...plan, beforeStop: { stopAt, fits: false, calls: 9_000 } }, words)).toContain(
    'This cannot be finished before windows.stopAt, 2026-11-25 05:30: at most 9000 of 12000; 3000 remain for the next night.\n',
  );
});

test('nothing to call, --yes and --again have words of their own', () => {
  const nothing = formatPlan(
    { ...plan, due: 0, difference: null, continues: null },
    { ...words, saidYes: true, again: true },
  );
  expect(nothing).toContain('\nNothing to call at truth.\n');
  expect(nothing).toContain('in run run-0: --again calls all of it once more.\n');
  expect(nothing).toContain('209% more now, which --yes lets pass.\n');
});

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [60, '1 min'],
  [61, '2 min'],
  [3_600, '1 h'],
  [3_601, '1 h 1 min'],
  [90_000, '25 h'],
])('%i s is %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
