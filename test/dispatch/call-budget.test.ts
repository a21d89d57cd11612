import { expect, test } from 'vitest';
import { createCallBudget } from '../../src/dispatch/gate/call-budget.ts';
import { createStubClock } from '../support/stub-clock.ts';

const DAY = 86_400_000;

function setup(most: number, counted: number, endsAfter: number | null = null) {
  const clock = createStubClock();
  const firstEnd = clock.now().getTime() + (endsAfter ?? 0);
  const budget = createCallBudget({
    cause: 'day_limit',
    most,
    counted,
    clock,
    endOf:
      endsAfter === null
        ? null
        : (now) => new Date(firstEnd + Math.ceil((now.getTime() + 1 - firstEnd) / DAY) * DAY),
    sentence: (made, own) => `${made} made, ${own} own`,
  });
  return { budget, clock };
}

test('counts what was made before and what is made now, and says both', () => {
  const { budget } = setup(5, 3);
  expect([budget.left, budget.spent()]).toEqual([2, null]);
  budget.take();
  budget.take();
  expect([budget.left, budget.spent()]).toEqual([0, '5 made, 2 own']);
  budget.ended(true);
  expect(budget.spent()).toBe('5 made, 2 own');
});

test('a call that was not made is given back', () => {
  const { budget } = setup(1, 0);
  budget.take();
  budget.ended(false);
  expect([budget.left, budget.spent()]).toEqual([1, null]);
});

test('more made before than are allowed: nothing is left, whatever time passes', async () => {
  const { budget, clock } = setup(5, 7);
  await clock.advance(10 * DAY);
  expect([budget.left > 0, budget.spent()]).toEqual([false, '7 made, 0 own']);
});

test('a new day begins with the calls under way, which may arrive in it', async () => {
  const { budget, clock } = setup(4, 1, 1_000);
  budget.take();
  budget.take();
  budget.take();
  budget.ended(true);
  await clock.advance(999);
  expect(budget.spent()).toBe('4 made, 3 own');
  await clock.advance(1);
  expect([budget.left, budget.spent()]).toEqual([2, null]);
  budget.ended(true);
  budget.ended(false);
  expect(budget.left).toBe(3);
  await clock.advance(DAY);
  expect(budget.left).toBe(4);
});
