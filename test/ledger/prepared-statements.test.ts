import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { embeddedEngine } from '../support/ledgers.ts';

/** More often than it takes until a text is prepared. */
const OFTEN = 12;

async function openOne(): Promise<{ ledger: Ledger } & AsyncDisposable> {
  const world = await embeddedEngine.create();
  const ledger = await openLedger(world.address);
  return {
    ledger,
    [Symbol.asyncDispose]: async () => {
      await ledger.close();
      await world.remove();
    },
  };
}

test('a statement gives the same rows before and after it is prepared', async () => {
  await using world = await openOne();
  const sql = `select $1::text[] as texts, $2::bigint as id, $3::jsonb as value, $4::timestamptz as at, $5::boolean as flag,
                      $6::numeric as amount, $7::integer[] as counts, null::text as nothing, $8::text as words`;
  const parameters = [
    ['x "y" \\ {,}', null, ''],
    '9223372036854775807',
    '{"k": [1, "ü"]}',
    '2026-11-29T10:00:00.000Z',
    true,
    '1.50',
    [1, 2],
    `한글 '"`,
  ];
  const expected = [
    {
      texts: ['x "y" \\ {,}', null, ''],
      id: '9223372036854775807',
      value: { k: [1, 'ü'] },
      at: new Date('2026-11-29T10:00:00.000Z'),
      flag: true,
      amount: '1.50',
      counts: [1, 2],
      nothing: null,
      words: `한글 '"`,
    },
  ];
  for (let use = 0; use < OFTEN; use += 1)
    expect(await world.ledger.query(sql, parameters)).toEqual(expected);
  expect(await usesOfPlans(world.ledger)).toEqual([OFTEN - 7]);
});

test('a prepared statement that fails in a transaction rolls it back, and the next one works', async () => {
  await using world = await openOne();
  const divide = 'select 6 / $1::integer as part';
  for (let use = 0; use < OFTEN; use += 1) await world.ledger.query(divide, [2]);
  const failing = world.ledger.transaction(async (transaction) => {
    await transaction.query(`insert into job (name) values ('lost')`);
    await transaction.query(divide, [0]);
  });
  await expect(failing).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
  expect(await world.ledger.query('select name from job')).toEqual([]);
  expect(await world.ledger.query(divide, [3])).toEqual([{ part: 2 }]);
});

test('nobody comes between the statements of a transaction, prepared or not', async () => {
  await using world = await openOne();
  const add = 'insert into job (name) values ($1)';
  for (let use = 0; use < OFTEN; use += 1) await world.ledger.query(add, [`job-${use}`]);
  const rolledBack = world.ledger.transaction(async (transaction) => {
    await transaction.query(add, ['inside']);
    await transaction.query('select 1 as one');
    throw new Error('no');
  });
  const beside = world.ledger.query(add, ['beside']);
  await expect(rolledBack).rejects.toThrow('no');
  await beside;
  const rows = await world.ledger.query<{ name: string }>(`select name from job where name !~ '^job-'`);
  expect(rows).toEqual([{ name: 'beside' }]);
});

test('a kept plan is made anew, as a table may have grown meanwhile', async () => {
  await using world = await openOne();
  for (let use = 0; use < 250; use += 1) await world.ledger.query('select $1::integer as n', [use]);
  expect(await usesOfPlans(world.ledger)).toEqual([43]);
});

/** How often each prepared statement was used since it was planned. */
async function usesOfPlans(ledger: Ledger): Promise<readonly number[]> {
  const rows = await ledger.query<{ uses: number }>(
    'select (generic_plans + custom_plans)::integer as uses from pg_prepared_statements order by name',
  );
  return rows.map(({ uses }) => uses);
}
