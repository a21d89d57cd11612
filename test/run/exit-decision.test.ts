import { describe, expect, test } from 'vitest';
import { failedClasses as recordFailures, rowClasses, type RowClass } from '../../src/domain/class.ts';
import { emptyClassCounts } from '../../src/domain/control-totals.ts';
import { decideExit } from '../../src/run/finish/exit-decision.ts';

type Counts = Partial<Record<RowClass, number>>;

function decide(counts: Counts, resolved: Counts = {}) {
  return decideExit({ ...emptyClassCounts(), ...counts }, { ...emptyClassCounts(), ...resolved });
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
      reason: 'complete; every row is done; 2 rows settled by a person',
    });
    expect(decide({ enrolled: 9, [name]: 2 }, { [name]: 1 }).exitCode).toBe(expected[name]);
  });

  test('an empty list is done', () => {
    expect(decide({})).toEqual({ exitCode: 0, reason: 'complete; every row is done' });
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
    [{ unprocessed: 5, ambiguous: 1, bad_data: 2 }, '5 rows not called, 3 more not enrolled'],
  ])('%j: %s', (counts, reason) => {
    expect(decide(counts).reason).toBe(reason);
  });
});
