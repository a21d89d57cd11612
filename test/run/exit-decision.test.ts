import { describe, expect, test } from 'vitest';
import { failedClasses as recordFailures, rowClasses, type RowClass } from '../../src/domain/class.ts';
import { emptyClassCounts } from '../../src/domain/control-totals.ts';
import type { StopReason } from '../../src/dispatch/guards/stop-reason.ts';
import type { RunKind } from '../../src/ledger/runs/run-table.ts';
import { decideExit, exitOfStop } from '../../src/run/finish/exit-decision.ts';

type Counts = Partial<Record<RowClass, number>>;

/** A run of a list that has called somebody, unless said otherwise. */
function decide(counts: Counts, resolved: Counts = {}, how: { calls?: number; kind?: RunKind } = {}) {
  return decideExit({
    kind: how.kind ?? 'list',
    classes: { ...emptyClassCounts(), ...counts },
    resolved: { ...emptyClassCounts(), ...resolved },
    calls: how.calls ?? 1,
  });
}

/** What one row of each class makes of a run that is otherwise done. */
const expected: Readonly<Record<RowClass, number>> = {
  enrolled: 0,
  recovered: 0,
  already_active: 0,
  already_done: 0,
  duplicate: 0,
  action_required: 3,
  bad_data: 3,
  conflict: 3,
  transient: 3,
  rejected: 3,
  disputed: 3,
  ambiguous: 4,
  unknown_code: 4,
  unprocessed: 6,
};

describe('decideExit', () => {
  test.each(rowClasses)('one row of class %s among done ones', (name) => {
    expect(decide({ enrolled: 100, duplicate: 2, [name]: 1 }).exitCode).toBe(expected[name]);
  });

  test.each(rowClasses)('nothing but one row of class %s', (name) => {
    expect(decide({ [name]: 1 }).exitCode).toBe(expected[name]);
  });

  test.each(recordFailures)('a settled row of class %s needs nobody, another of it does', (name) => {
    expect(decide({ enrolled: 9, [name]: 2 }, { [name]: 2 })).toEqual({
      exitCode: 0,
      exitCause: 'done',
      reason: 'complete; every row is done; 2 rows settled by a person',
    });
    expect(decide({ enrolled: 9, [name]: 2 }, { [name]: 1 }).exitCode).toBe(expected[name]);
  });

  test('of two classes the worse decides', () => {
    const worse = (a: number, b: number): number =>
      [6, 4, 3, 0].find((code) => code === a || code === b) ?? -1;
    for (const a of rowClasses) {
      for (const b of rowClasses) {
        expect(decide({ [a]: 1, [b]: 1 }).exitCode).toBe(worse(expected[a], expected[b]));
      }
    }
  });

  test.each<[Partial<Record<RowClass, number>>, string]>([
    [{ bad_data: 1 }, 'complete; 1 row not enrolled'],
    [{ bad_data: 1, rejected: 2, duplicate: 9 }, 'complete; 3 rows not enrolled'],
    [
      { ambiguous: 1, unknown_code: 1, transient: 4 },
      'complete; 2 rows ambiguous or with unknown codes, 4 more not enrolled',
    ],
    [{ unprocessed: 5, ambiguous: 1, bad_data: 2 }, '5 rows without a result, 3 more not enrolled'],
  ])('%j: %s', (counts, reason) => {
    expect(decide(counts).reason).toBe(reason);
  });
});

describe('nothing was called', () => {
  const nothing = { calls: 0 };

  test('because the list is empty', () => {
    expect(decide({}, {}, nothing)).toEqual({
      exitCode: 0,
      exitCause: 'empty_list',
      reason: 'complete; every row is done; the list has a header and no rows: nothing to do',
    });
  });

  test('because a retry found no rows to take, which is no empty list', () => {
    expect(decide({}, {}, { ...nothing, kind: 'retry' })).toEqual({
      exitCode: 0,
      exitCause: 'nothing_due',
      reason: 'complete; every row is done; no row of that run is of the classes asked for: nothing to do',
    });
  });

  test('because every row was done before', () => {
    expect(decide({ already_done: 5, duplicate: 1 }, {}, nothing)).toEqual({
      exitCode: 0,
      exitCause: 'nothing_due',
      reason:
        'complete; every row is done; nothing was left to call: of 6 rows 5 are done already; 1 repeat an earlier row',
    });
  });

  test.each(['action_required', 'bad_data', 'conflict', 'transient', 'rejected', 'disputed'] as const)(
    'is no reason for 0 while a row of class %s needs somebody',
    (name) => {
      const end = decide({ already_done: 3, [name]: 1 }, {}, nothing);
      expect(end).toMatchObject({ exitCode: 3, exitCause: 'not_enrolled' });
      expect(end.reason).toMatch(/^complete; 1 row not enrolled; nothing was left to call: of 4 rows 3 are/);
    },
  );

  test('of every row it says why', () => {
    const { reason, exitCause } = decide(
      {
        already_done: 1,
        action_required: 2,
        bad_data: 3,
        conflict: 4,
        unknown_code: 5,
        ambiguous: 6,
        transient: 7,
        rejected: 8,
        disputed: 9,
        duplicate: 10,
      },
      {},
      nothing,
    );
    expect(exitCause).toBe('unclear');
    const numbers = /of 55 rows (.*)$/.exec(reason)?.[1]?.match(/\d+/g) ?? [];
    expect(numbers.map(Number)).toEqual([1, 2, 12, 13, 17, 10]);
  });

  test('is not said where rows were left, or somebody was called', () => {
    expect(decide({ unprocessed: 5 }, {}, nothing).reason).not.toContain('nothing');
    expect(decide({ enrolled: 5 }).reason).not.toContain('nothing');
  });
});

/** One reason to stop of each cause there is before a run's end. */
const stops: readonly StopReason[] = [
  ...(['stop_at', 'max_calls', 'day_limit', 'canary', 'max_failures', 'unknown_codes', 'clock'] as const).map(
    (cause): StopReason => ({ kind: 'limit', cause, sentence: 'Enough.' }),
  ),
  ...(['credentials', 'wrong_setup', 'wrong_address', 'provider_silent', 'throttled'] as const).map(
    (cause): StopReason => ({ kind: 'provider', cause, sentence: 'Enough.' }),
  ),
];

test('a stop ends by its cause, and with the code that belongs to it', () => {
  const never = new AbortController().signal;
  for (const stopped of stops) {
    expect(exitOfStop(stopped, never)).toEqual({
      exitCode: stopped.kind === 'limit' ? 6 : 7,
      exitCause: 'cause' in stopped ? stopped.cause : '',
      reason: 'Enough.',
    });
  }
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const)('%s ends by signal, with %i', (signal, exitCode) => {
  expect(exitOfStop({ kind: 'asked' }, AbortSignal.abort(signal))).toEqual({
    exitCode,
    exitCause: 'signal',
    reason: `stopped by ${signal}`,
  });
});
