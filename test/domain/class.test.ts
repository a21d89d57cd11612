import { describe, expect, test } from 'vitest';
import {
  callClasses,
  comesAgainClasses,
  failedClasses,
  isRowClass,
  isSuccess,
  needsPersonClasses,
  recordStatuses,
  rejectedClasses,
  rowClasses,
  rowOnlyClasses,
  successClasses,
  whoMustAct,
} from '../../src/domain/class.ts';
import { emptyClassCounts, sumOfClasses } from '../../src/domain/control-totals.ts';

function sorted(names: readonly string[]): string[] {
  return names.toSorted((a, b) => (a < b ? -1 : 1));
}

describe('the class tables', () => {
  test('a row class is one a call gives, or one of rows only', () => {
    expect(sorted(rowClasses)).toEqual(sorted([...callClasses, ...rowOnlyClasses]));
    expect(sorted(recordStatuses)).toEqual(sorted(['pending', 'sending', ...callClasses]));
  });

  test('success, failed, rejected and unprocessed share no class and together are all', () => {
    const files = [...successClasses, ...failedClasses, ...rejectedClasses, 'unprocessed'];
    expect(sorted(files)).toEqual(sorted(rowClasses));
  });

  test('a class of calls is success, comes again, or needs a person', () => {
    const called = [
      ...successClasses.filter((name) => name !== 'already_done'),
      ...comesAgainClasses,
      ...needsPersonClasses,
    ];
    expect(sorted(called)).toEqual(sorted(callClasses));
  });

  test('isRowClass and isSuccess', () => {
    expect(rowClasses.every(isRowClass)).toBe(true);
    expect(['pending', 'sending', 'stop_run', '', 'constructor'].some(isRowClass)).toBe(false);
    expect(rowClasses.filter(isSuccess)).toEqual([...successClasses]);
  });
});

describe('who must act', () => {
  test.each([
    ['enrolled', 'nobody'],
    ['recovered', 'nobody'],
    ['already_active', 'nobody'],
    ['already_done', 'nobody'],
    ['action_required', 'customer'],
    ['bad_data', 'list_owner'],
    ['conflict', 'operations'],
    ['unknown_code', 'developer'],
    ['ambiguous', 'nobody'],
    ['transient', 'nobody'],
    ['rejected', 'list_owner'],
    ['duplicate', 'nobody'],
    ['disputed', 'list_owner'],
    ['unprocessed', 'nobody'],
  ] as const)('%s: %s', (name, actor) => {
    expect(whoMustAct(name, false)).toBe(actor);
  });

  test('operations, once the nights of what comes again are used up; nothing else changes', () => {
    for (const name of rowClasses) {
      const comesAgain = (comesAgainClasses as readonly string[]).includes(name);
      expect(whoMustAct(name, true)).toBe(comesAgain ? 'operations' : whoMustAct(name, false));
    }
  });
});

describe('control totals', () => {
  test('begin with every class at zero and add up all of them', () => {
    const counts = emptyClassCounts();
    expect(Object.keys(counts)).toEqual([...rowClasses]);
    expect(sumOfClasses(counts)).toBe(0);
    for (const [index, name] of rowClasses.entries()) counts[name] = 2 ** index;
    expect(sumOfClasses(counts)).toBe(2 ** rowClasses.length - 1);
  });
});
