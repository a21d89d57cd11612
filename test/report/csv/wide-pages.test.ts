import { expect, test } from 'vitest';
import type { Queryable, RowSource } from '../../../src/ledger/ledger-port.ts';
import { readRowPages } from '../../../src/report/csv/row-pages.ts';

const ROWS = 2_000;

/** A ledger without COPY whose rows have one cell, `wide` characters from row `from` on. */
function ledgerOf(wide: number, from = 1): { readonly ledger: RowSource; readonly sizes: number[] } {
  const sizes: number[] = [];
  const query: Queryable['query'] = async <Row extends object>(
    _: string,
    parameters: readonly unknown[] = [],
  ) => {
    const [, after = 0, size = 0] = parameters.map(Number);
    sizes.push(size);
    const rows = Array.from({ length: Math.min(size, ROWS - after) }, (_unused, at) => {
      const rowNo = after + at + 1;
      return { row_no: rowNo, cells: ['x'.repeat(rowNo < from ? 10 : wide)] };
    });
    return await Promise.resolve(rows as object[] as Row[]);
  };
  return { ledger: { bulk: null, query }, sizes };
}

async function readAll(ledger: RowSource): Promise<number[]> {
  const read: number[] = [];
  for await (const page of readRowPages(ledger, 1, ROWS)) read.push(...page.map((row) => row.row_no));
  return read;
}

const every = Array.from({ length: ROWS }, (_, at) => at + 1);

test('of rows of a usual width some hundred are read at once', async () => {
  const { ledger, sizes } = ledgerOf(100);
  expect(await readAll(ledger)).toEqual(every);
  expect(sizes).toEqual([20, 500, 500, 500, 500]);
});

test('of rows of 1 MiB a few are read at once, also where only the last are so wide', async () => {
  const wide = ledgerOf(1024 * 1024);
  expect(await readAll(wide.ledger)).toEqual(every);
  expect(Math.max(...wide.sizes.slice(1))).toBeLessThanOrEqual(4);
  const late = ledgerOf(1024 * 1024, 500);
  expect(await readAll(late.ledger)).toEqual(every);
  expect(Math.max(...late.sizes.slice(2))).toBeLessThanOrEqual(4);
});
