import { expect, test } from 'vitest';
import { isOnePurse, purseOf, reconcileJobOf, retryJobOf } from '../../src/run/derived-jobs.ts';

const long = `nightly-${'x'.repeat(56)}`;

test.each(['nightly', long])('a job, its retry and the reconciliations of both have one purse: %s', (job) => {
  const family = [job, retryJobOf(job), reconcileJobOf(job), reconcileJobOf(retryJobOf(job))];
  for (const one of family) {
    for (const other of family.slice(0, 3))
      expect([one, other, isOnePurse(one, other)]).toEqual([one, other, true]);
  }
  expect(new Set(family.slice(0, 3).map(purseOf)).size).toBe(1);
});

test.each([
  ['nightly', 'weekly'],
  ['nightly', 'retry-weekly'],
  ['retry-nightly', 'reconcile-weekly'],
  [long, long.slice(0, 60)],
])('%s and %s have not', (one, other) => {
  expect([isOnePurse(one, other), isOnePurse(other, one)]).toEqual([false, false]);
});
