import { describe, expect, test, vi } from 'vitest';
import type { Queryable } from '../../src/ledger/ledger-port.ts';
import { createRun } from '../../src/ledger/runs/run-table.ts';
import {
  assertListSize,
  compareListSize,
  judgeListSize,
  weighList,
} from '../../src/run/start/list-size-guard.ts';
import { embeddedEngine, openTestLedger } from '../support/ledgers.ts';

describe('what is usual', () => {
  test.each([
    ['too few lists say nothing', [1_000, 1_000], 1, null, null, false],
    [
      'the median of the last, whatever one of them was',
      [1_000, 5, 1_010, 990, 1_020],
      1_500,
      1_000,
      50,
      false,
    ],
    ['a row over the share', [1_000, 1_000, 1_000], 1_501, 1_000, 50, true],
    ['a row under it', [1_000, 1_000, 1_000], 499, 1_000, -50, true],
    ['small lists may double', [10, 10, 10], 109, 10, 990, false],
    ['but not grow by a hundred rows', [10, 10, 10], 110, 10, 1_000, true],
    ['an empty list', [1_000, 1_000, 1_000], 0, 1_000, -100, true],
    ['lists that were empty so far', [0, 0, 0], 100, 0, 100, true],
  ])('%s', (_, last, rows, usualRows, changePercent, isUnusual) => {
    expect(judgeListSize(last, rows, 50)).toEqual({ rows, usualRows, changePercent, isUnusual });
  });

  test('off lets every size pass', () => {
    expect(judgeListSize([1_000, 1_000, 1_000], 1, null).isUnusual).toBe(false);
  });
});

test('an unusual list is refused unless somebody said yes', () => {
  const size = judgeListSize([1_000, 1_000, 1_000], 3_000, 50);
  const list = {
    name: 'a.csv',
    format: 'csv',
    encoding: 'utf-8',
    verdict: null,
    delimiter: ',',
    sheets: null,
  } as const;
  expect(() => assertListSize(size, list, false)).toThrow(
    'a.csv: the list has 3000 rows, 200% more than the 1000 this job usually has (guards.listSize); ',
  );
  expect(() => assertListSize(size, list, true)).not.toThrow();
});

test('a list handed back is as long as it is, and the ledger is not asked', async () => {
  const asked = vi.fn<() => void>();
  const unasked: Queryable = {
    query: async () => {
      asked();
      return await Promise.resolve([]);
    },
  };
  const configuration = { job: 'j', providerName: 'p', lists: [], guards: { listSizePercent: 50 } };
  const list = { name: 'failed.csv', handedBack: true, counts: () => ({ rowsRead: 3 }) };
  expect(await weighList(unasked, configuration, list)).toEqual({
    rows: 3,
    usualRows: null,
    changePercent: null,
    isUnusual: false,
  });
  expect(asked).not.toHaveBeenCalled();
});

test('lists are compared with those of their name, else with the job’s, else not at all', async () => {
  await using world = await openTestLedger(embeddedEngine);
  const { ledger } = world;
  const finish = async (id: string, name: string, rows: number): Promise<void> => {
    const run = await createRun(ledger, {
      id,
      job: 'nightly',
      provider: 'truth',
      kind: 'list',
      night: '2026-11-24',
      listName: name,
      content: id,
      again: false,
      settings: {},
      startedAt: new Date(),
    });
    await ledger.query(
      `update run set state = 'complete', exit_code = 0, rows_read = $2, finished_at = now() where run_no = $1`,
      [run.run_no, rows],
    );
  };
  for (const night of [1, 2, 3]) {
    await finish(`big-${night}`, 'big.csv', 10_000);
    await finish(`small-${night}`, 'small.csv', 200);
  }
  const sizeOf = async (name: string, rows: number, lists: number) =>
    await compareListSize(ledger, { job: 'nightly', provider: 'truth', name, rows, lists }, 50);
  expect(await sizeOf('big.csv', 9_000, 2)).toMatchObject({ usualRows: 10_000, isUnusual: false });
  expect(await sizeOf('small.csv', 9_000, 2)).toMatchObject({ usualRows: 200, isUnusual: true });
  expect(await sizeOf('new.csv', 9_000, 2)).toMatchObject({ usualRows: null, isUnusual: false });
  expect(await sizeOf('new.csv', 9_000, 1)).toMatchObject({ usualRows: 200, isUnusual: true });
  const elsewhere = { job: 'nightly', provider: 'other', name: 'big.csv', rows: 1, lists: 1 };
  expect(await compareListSize(ledger, elsewhere, 50)).toMatchObject({ usualRows: null });
});
