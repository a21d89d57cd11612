import { describe, expect, test } from 'vitest';
import { findUnexcusedSkips, formatCounts, parseResults, sumCounts } from '../../tools/test-results.ts';

const results = parseResults(
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    success: false,
    testResults: [
      {
        name: 'a.test.ts',
        assertionResults: [
          { fullName: 'ledger writes', status: 'passed' },
          { fullName: 'ledger reads', status: 'failed' },
          { fullName: 'ledger (server Postgres) writes', status: 'skipped' },
          { fullName: 'ledger forgets', status: 'pending' },
          { fullName: 'ledger later', status: 'todo' },
        ],
      },
    ],
  }),
);

describe('test results', () => {
  test('the counts of several runs add up in one plain line', () => {
    expect(formatCounts(sumCounts([results, results]))).toBe('6 passed, 2 failed, 6 skipped');
  });

  test('a mark excuses the skips that carry it and no other', () => {
    expect(findUnexcusedSkips(results, ['(Chromium)', '(server Postgres)'])).toEqual([
      'ledger forgets',
      'ledger later',
    ]);
  });

  test('without a mark no skip is excused', () => {
    expect(findUnexcusedSkips(results)).toHaveLength(3);
  });
});
