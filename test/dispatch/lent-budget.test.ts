import { expect, test } from 'vitest';
import { createLentBudget } from '../../src/dispatch/gate/lent-budget.ts';
import { createStubClock } from '../support/stub-clock.ts';

const DAY = 86_400_000;

/** A day that ends in a second, and has 24 hours after that. */
function setup() {
  const clock = createStubClock();
  const firstEnd = clock.now().getTime() + 1_000;
  const budget = createLentBudget({
    cause: 'day_limit',
    atHand: 10,
    clock,
    endOf: (now) => new Date(firstEnd + Math.ceil((now.getTime() + 1 - firstEnd) / DAY) * DAY),
    sentence: ({ limit, used }, own) => `${used} of ${limit}, ${own} own`,
  });
  const make = (calls: number, wasMade = true): void => {
    for (let count = 0; count < calls; count += 1) {
      budget.take();
      budget.ended(wasMade);
    }
  };
  return { budget, clock, make };
}

test('nothing before the first loan, and then no more than was lent', () => {
  const { budget, make } = setup();
  expect([budget.left, budget.missing, budget.spent()]).toEqual([0, 10, null]);
  budget.lend(10, { limit: 100, used: 10 });
  make(4);
  expect([budget.left, budget.missing]).toEqual([6, 4]);
  make(6);
  // The day has more: it is waited for.
  expect([budget.left, budget.spent()]).toEqual([0, null]);
});

test('used up only when the day is and nothing lent is left', () => {
  const { budget, make } = setup();
  budget.lend(3, { limit: 100, used: 100 });
  expect(budget.spent()).toBeNull();
  make(3);
  expect(budget.spent()).toBe('100 of 100, 3 own');
});

test('a call that was not made is at hand again, and what is at hand at the end is given back once', () => {
  const { budget, make } = setup();
  budget.lend(5, { limit: 100, used: 5 });
  make(2);
  make(1, false);
  expect(budget.left).toBe(3);
  expect([budget.giveBack(), budget.giveBack(), budget.left]).toEqual([3, 0, 0]);
});

test('what was lent for a day is nobody’s in the next; calls under way count in both', async () => {
  const { budget, clock } = setup();
  budget.lend(5, { limit: 5, used: 5 });
  budget.take();
  await clock.advance(1_000);
  expect([budget.left, budget.missing, budget.spent()]).toEqual([-1, 11, null]);
  budget.lend(11, { limit: 100, used: 11 });
  expect(budget.left).toBe(10);
});

test('where nobody limits the day nothing is counted, until somebody does', () => {
  const { budget, make } = setup();
  budget.unlimit();
  make(50);
  expect([budget.left, budget.missing, budget.spent(), budget.giveBack()]).toEqual([Infinity, 10, null, 0]);
  budget.lend(10, { limit: 100, used: 60 });
  expect(budget.left).toBe(10);
  make(10);
  expect(budget.left).toBe(0);
});
