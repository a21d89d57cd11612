import { describe, expect, test } from 'vitest';
import { formatResult, showResult } from '../../src/cli/views/summary-view.ts';
import { rowClasses, whoMustAct, type RowClass } from '../../src/domain/class.ts';
import { emptyClassCounts, sumOfClasses } from '../../src/domain/control-totals.ts';
import type { ExitCode } from '../../src/domain/exit-code.ts';
import type { Summary } from '../../src/report/summary.ts';
import { decideVerdict } from '../../src/report/verdict.ts';
import type { RunResult } from '../../src/run/run-environment.ts';
import { createFakeHost } from './fake-host.ts';

const runId = '20261122T160000Z-nightly-0a1b';

interface Ending extends Partial<Omit<Summary, 'classes'>> {
  readonly counts: Partial<Record<RowClass, number>>;
  readonly exit?: ExitCode;
  readonly reason?: string;
}

function resultOf({ counts, exit = 0, reason = 'complete; every row is done', ...rest }: Ending): RunResult {
  const classes = { ...emptyClassCounts(), ...counts };
  const work = rowClasses.flatMap((name) =>
    classes[name] === 0
      ? []
      : [
          {
            class: name,
            actor: whoMustAct(name, false),
            rows: classes[name],
            nightsUsedUp: false,
            isSettled: false,
          },
        ],
  );
  const { state = 'complete', totalsAgree = true } = rest;
  return {
    kind: 'ran',
    exitCode: exit,
    exitCause: 'done',
    reason,
    folder: `runs/${runId}`,
    summary: {
      schemaVersion: 1,
      runId,
      job: 'nightly',
      provider: 'truth',
      programVersion: '1.2.3',
      list: { name: 'list.csv', sha256: 'c0ffee', rowsRead: sumOfClasses(classes) },
      state: 'complete',
      exitCode: exit,
      exitCause: 'done',
      exitReason: reason,
      totalsAgree: true,
      controlTotals: [],
      difference: null,
      failing: null,
      classes,
      resolved: 0,
      verdict: decideVerdict({ state, totalsAgree, rowsRead: sumOfClasses(classes), classes, work }),
      work,
      nightsUsedUp: 0,
      sameListNights: 1,
      actorOfEnd: null,
      codes: {},
      givenClasses: [],
      calls: 0,
      lostCalls: 0,
      retries: 0,
      inquiries: 0,
      startedAt: '2026-11-22T16:00:00.000Z',
      finishedAt: '2026-11-22T16:01:00.000Z',
      rate: { allowed: '20/s', used: 0, fullestWindow: 0, windows: [], limitedBy: null },
      latencyMs: { p50: null, p90: null, p99: null },
      ...rest,
    },
  };
}

/** The command that copies a file out of the run's folder. */
function copyOf(file: string): string {
  return `cp runs/${runId}/${file} runs/corrected-${runId}.csv`;
}

function show(ending: Ending): string {
  return formatResult(resultOf(ending), 'kona-enroll');
}

function nextOf(ending: Ending): string | undefined {
  return show(ending)
    .split('\n')
    .find((line) => line.startsWith('Next: '));
}

test('inquiries are told beside the calls', () => {
  expect(show({ counts: { recovered: 2 }, calls: 2, inquiries: 2 })).toContain(
    'Calls: 2 (0 of them repeats) · 2 inquiries for plans',
  );
  expect(show({ counts: { enrolled: 2 }, calls: 2 })).not.toContain('inquiries');
});

test('calls that may never have left are told as such', () => {
  expect(show({ counts: { enrolled: 2 }, calls: 9, retries: 1, lostCalls: 3 })).toContain(
    'Calls: at most 9 (1 of them a repeat, 3 may not have left before a process died)',
  );
});

test('classes that outcomes gave are told under the classes', () => {
  const givenClasses = [
    { by: 'job_file', code: '999_999', class: 'bad_data', rows: 2 },
    { by: 'former_rule', code: null, class: 'already_done', rows: 1 },
  ] as const;
  expect(show({ counts: { bad_data: 2, already_done: 1 }, givenClasses: [...givenClasses] })).toMatch(
    /999_999 as bad_data, 2 rows: class given by outcomes in the job file\nno code as already_done, 1 row: held as success by an older rule [^\n]+\n\nTotals/,
  );
  expect(show({ counts: { bad_data: 2 } })).not.toContain('outcomes');
});

test('a run with calls: classes, equation, calls, folder, exit, what next', () => {
  const shown = show({
    counts: { enrolled: 10, action_required: 2, duplicate: 1 },
    exit: 3,
    reason: 'complete; 2 rows not enrolled',
    calls: 14,
    retries: 2,
    rate: {
      allowed: '20/s, 600/min, 9000/day',
      used: 19.5,
      fullestWindow: 20,
      windows: [
        { limit: '20/s', fullest: 20 },
        { limit: '600/min', fullest: 540 },
      ],
      limitedBy: 'rate',
    },
    latencyMs: { p50: 12.4, p90: 30, p99: 99.6 },
  });
  expect(shown.split('\n')).toEqual([
    '',
    'Complete, but not everybody is enrolled. Of 13 rows: 10 enrolled, 2 need somebody, 1 duplicate.',
    '',
    '  class            rows  who must act',
    '  enrolled           10  nobody',
    '  action_required     2  customer',
    '  duplicate           1  nobody',
    '',
    'Totals agree: 13 rows read = 10 + 2 + 1',
    'Calls: 14 (2 of them repeats) · fullest window 20 of 20/s, 540 of 600/min · latency p50 12 ms, p99 100 ms · as fast as the rate allows',
    `Run folder: runs/${runId}`,
    'Exit 3: complete; 2 rows not enrolled',
    `Next: kona-enroll retry --run ${runId}    (calls the 2 that may succeed by now)`,
    '',
  ]);
});

describe('what next', () => {
  test.each<ExitCode>([6, 7, 130, 143])('exit %i: the same command again', (exit) => {
    const next = nextOf({ counts: { unprocessed: 4, bad_data: 1, transient: 1 }, state: 'stopped', exit });
    expect(next).toMatch(/start the same command again/i);
  });

  test.each<[string, Partial<Record<RowClass, number>>, ExitCode, string]>([
    [
      'some may succeed by now',
      { transient: 1, ambiguous: 1, bad_data: 1 },
      4,
      `retry --run ${runId}    (calls the 2 `,
    ],
    ['some need a person', { bad_data: 1 }, 3, copyOf('failed.csv')],
    ['some were never sent', { rejected: 1, enrolled: 1 }, 3, copyOf('rejected.csv')],
    ['one card, two members', { disputed: 2 }, 3, copyOf('rejected.csv')],
  ])('%s', (_, counts, exit, words) => {
    expect(nextOf({ counts, exit, calls: 3 })).toContain(words);
  });

  test('nothing where nothing is to be done', () => {
    expect(show({ counts: { enrolled: 3, duplicate: 1 }, calls: 3 })).not.toContain('Next:');
  });

  test('guard and next step stand in Korean under the English sentence where that was asked for', () => {
    const stopped = { counts: { bad_data: 11, unprocessed: 9 }, exit: 6, exitCause: 'canary' } as const;
    const result = { ...resultOf(stopped), exitCause: 'canary' } as const;
    const [end, korean, next, koreanNext] = formatResult(result, 'kona-enroll', true)
      .trimEnd()
      .split('\n')
      .slice(-4);
    expect(end).toMatch(/^Exit 6: /);
    expect(korean).toMatch(/^먼저 호출한 건의 절반 이상이 실패했습니다/);
    expect(next).toBe(
      'Next: Check that it is the right list and the right provider, then start the same command again.',
    );
    expect(koreanNext).toBe('다음: 목록과 제공사가 맞는지 확인한 뒤 다시 실행해 주십시오.');
    const corrected = formatResult(resultOf({ counts: { bad_data: 1 }, exit: 3 }), 'kona-enroll', true);
    expect(corrected).toMatch(
      /^다음: cp runs\S+failed\.csv runs\S+\.csv 로 복사하고 그 복사본\(엑셀에서는 .*kona-enroll run runs\S+\.csv$/m,
    );
    expect(formatResult(result, 'kona-enroll')).not.toMatch(/[가-힣]/);
  });

  test('what is to be corrected is a copy outside the folder that is held against its hashes', () => {
    const copy = `runs/corrected-${runId}.csv`;
    expect(nextOf({ counts: { bad_data: 1 }, exit: 3, provider: 'sandbox' })).toBe(
      `Next: cp runs/${runId}/failed.csv ${copy}, correct that copy (in Excel: a copy of failed.xlsx beside it), then, under the settings of this run: kona-enroll run ${copy}`,
    );
  });
});

describe('the difference from the night before', () => {
  const comparedWith = { runId: 'before', night: '2026-11-20' };
  const difference = { comparedWith, added: 120, gone: 3, parChanged: 2, newlyFailing: 5, cured: 9 };

  test('is one line', () => {
    const stillFailing = [
      { nights: 2, records: 10 },
      { nights: 6, records: 4 },
    ];
    expect(
      show({ counts: { enrolled: 1 }, calls: 1, difference: { ...difference, stillFailing } }),
    ).toContain(
      '\nSince 20 Nov: 120 new, 3 gone, 2 with another PAR, 5 newly failing, 9 cured, 14 still failing (the longest 6 nights); row by row in difference.csv\n',
    );
  });

  test('nobody failing has no longest, and a first night no line', () => {
    expect(show({ counts: { enrolled: 1 }, difference: { ...difference, stillFailing: [] } })).toContain(
      ', 0 still failing; row by row in difference.csv\n',
    );
    expect(show({ counts: { enrolled: 1 } })).not.toContain('Since');
    const same = {
      ...difference,
      added: 0,
      gone: 0,
      parChanged: 0,
      newlyFailing: 0,
      cured: 0,
      stillFailing: [],
    };
    expect(show({ counts: { enrolled: 1 }, difference: same })).toContain('0 cured, 0 still failing\n');
  });
});

test('who must act because of how it ended is told before the classes, and what used up its nights in them', () => {
  const work = {
    class: 'transient',
    rows: 2,
    nightsUsedUp: true,
    isSettled: false,
    actor: 'operations',
  } as const;
  const settled = {
    class: 'conflict',
    rows: 1,
    nightsUsedUp: false,
    isSettled: true,
    actor: 'nobody',
  } as const;
  const shown = show({
    counts: { transient: 2, conflict: 1 },
    state: 'stopped',
    exitCause: 'credentials',
    actorOfEnd: 'operations',
    work: [work, settled],
  });
  expect(shown).toContain(
    'operations must act. The provider refuses our credentials. Correct the credentials with the provider, then start the same command again.\n',
  );
  expect(shown).toMatch(/^ {2}transient +2 {2}operations, its nights are used up$/m);
  expect(shown).toMatch(/^ {2}conflict +1 {2}nobody, settled by a person$/m);
});

test('rows that wait until a stop is mended, and calls that gave no row a result, are told as such', () => {
  const shown = show({
    counts: { unprocessed: 36, rejected: 2 },
    state: 'stopped',
    exit: 7,
    exitCause: 'credentials',
    actorOfEnd: 'operations',
    calls: 3,
    controlTotals: [{ name: 'attempts', class: 'unprocessed', expected: 3, found: 3, agrees: true }],
  });
  expect(shown).toContain('Of 38 rows: 2 need somebody, 36 without a result.');
  expect(shown).toMatch(/^ {2}unprocessed +36 {2}nobody, once the cause of the stop is removed$/m);
  expect(shown).toContain('Calls: 3 (0 of them repeats, 3 for rows that have no result)');
  expect(show({ counts: { unprocessed: 1 }, exit: 6 })).toMatch(/^ {2}unprocessed +1 {2}nobody$/m);
});

test('each equation that is broken is told with its class and both figures, and no other', () => {
  const shown = show({
    counts: { enrolled: 3 },
    totalsAgree: false,
    exit: 9,
    controlTotals: [
      { name: 'classes', class: null, expected: 3, found: 3, agrees: true },
      { name: 'attempts', class: null, expected: 4, found: 3, agrees: false },
      { name: 'attempts', class: 'enrolled', expected: 4, found: 3, agrees: false },
      { name: 'list_totals', class: null, expected: 4, found: 3, agrees: false },
    ],
  });
  expect(shown).toContain(
    [
      'BROKEN TOTALS: 3 rows read, classes: 3',
      '  enrolled: 4 calls on the rows, 3 calls recorded',
      "  4 rows by the list's own totals line, 3 rows read",
      'Calls: ',
    ].join('\n'),
  );
});

test('broken totals are shouted, and nobody is sent on with these files', () => {
  const shown = show({
    counts: { enrolled: 3, bad_data: 1 },
    list: { name: 'list.csv', sha256: 'c0ffee', rowsRead: 5 },
    totalsAgree: false,
    exit: 9,
    reason: 'BROKEN TOTALS: 5 rows were read, the classes add up to 4',
  });
  expect(shown).toContain('BROKEN TOTALS: 5 rows read, classes: 3 + 1\n');
  expect(shown).not.toContain('Totals agree');
  expect(shown).not.toMatch(/retry|run failed\.csv/);
  expect(shown).toContain('Next: do not use these files');
});

describe('the colour of the verdict', () => {
  const good = resultOf({ counts: { enrolled: 1 } });
  const warn = resultOf({ counts: { bad_data: 1 }, exit: 3 });
  const bad = resultOf({ counts: { enrolled: 1 }, totalsAgree: false, exit: 9 });

  test.each([
    ['good', good, 32],
    ['warn', warn, 33],
    ['bad', bad, 31],
  ])('%s, on that line alone', (_, result, color) => {
    const host = createFakeHost({ isTerminal: true });
    showResult(host, result, true);
    const plain = formatResult(result, 'kona-enroll', true).split('\n');
    const colored = plain.map((line, index) => (index === 1 ? `\u001B[${color}m${line}\u001B[39m` : line));
    expect(host.written.stdout.split('\n')).toEqual(colored);
  });

  test.each([
    ['on no terminal', createFakeHost()],
    ['with NO_COLOR', createFakeHost({ isTerminal: true, env: { NO_COLOR: '1' } })],
    ['for a build server', createFakeHost({ isTerminal: true, env: { CI: 'true' } })],
  ])('there is none %s', (_, host) => {
    showResult(host, bad, false);
    expect(host.written.stdout).toBe(formatResult(bad, 'kona-enroll'));
  });
});

describe('what a night brought beside its verdict', () => {
  const tonight = { '0': 3, '1-2': 0, '3-7': 0, '8-30': 0, '31+': 0 };

  test('failures by cause and age are a table, once any is older than tonight', () => {
    const failing = [
      { class: 'bad_data' as const, code: '001_003', ages: { ...tonight, '3-7': 12 } },
      { class: 'ambiguous' as const, code: null, ages: tonight },
    ];
    const shown = show({ counts: { bad_data: 15 }, failing });
    expect(shown).toMatch(/fails +code +tonight +1-2 nights +3-7 nights +8-30 nights +31\+ nights\n/);
    expect(shown).toMatch(/bad_data +001_003 +3 +0 +12 +0 +0\n/);
    expect(shown).toMatch(/ambiguous +- +3 +0 +0 +0 +0\n/);
    expect(show({ counts: { bad_data: 3 }, failing: failing.slice(1) })).not.toContain('fails');
  });

  test('nights used up, and a list that is the same for three nights, are a sentence each', () => {
    const shown = show({ counts: { transient: 2 }, nightsUsedUp: 2, sameListNights: 3 });
    expect(shown).toContain(
      'The nights of 2 rows were used up tonight: they are not called automatically any more,',
    );
    expect(shown).toContain('The list has held the same rows for 3 nights in a row:');
    const quiet = show({ counts: { transient: 2 }, nightsUsedUp: 0, sameListNights: 2 });
    expect(quiet).not.toMatch(/used up tonight|same rows/);
  });
});
