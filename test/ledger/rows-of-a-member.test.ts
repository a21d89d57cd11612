import { describe, expect, test, vi } from 'vitest';
import type { Ledger, Queryable } from '../../src/ledger/ledger-port.ts';
import {
  findListingsOfRecord,
  findRecordOfLine,
  findRecordsById,
  type RecordRow,
} from '../../src/ledger/runs/enrollment-table.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';
import { countOn, type Visits } from '../support/visited-rows.ts';

vi.setConfig({ testTimeout: 120_000 });

const ROWS = 20_000;
const userId = '1234567890123';
const par = 'PAR000000000000000000000001';

/** Plants runs of a job whose lists have so many members, and the one that is looked for at one row of each. */
async function plantRuns(ledger: Ledger, runs: readonly number[], at: number): Promise<void> {
  for (const run of runs) {
    const [planted] = await ledger.query<{ run_no: number }>(
      `insert into run (id, job, provider, kind, state, night, list_name, content, settings, started_at, rows_read,
                        exit_code, finished_at)
       values ($1, 'nightly', $2, 'list', 'complete', '2026-11-22', 'list.csv', $1, '{}', '2026-11-22', $3, 0, '2026-11-22')
       returning run_no`,
      [`run-${run}`, run === 0 ? 'elsewhere' : 'provider-a', ROWS],
    );
    await ledger.query(
      `insert into list_row (run_no, row_no, line, cells, user_id, par)
       select $1, n, n + 3, '{}', case when n = $2::integer then $3 else (2000000000000 + n * 7)::text end,
              case when n = $2::integer then $4 else 'PAR' || lpad((n + 1)::text, 24, '0') end
       from generate_series(1, $5::integer) n`,
      [planted?.run_no ?? 0, at, userId, par, ROWS],
    );
  }
}

async function plantRecord(ledger: Ledger): Promise<RecordRow> {
  await ledger.query(`insert into enrollment (provider, user_id, par) values ('provider-a', $1, $2)`, [
    userId,
    par,
  ]);
  const [record] = await findRecordsById(ledger, userId);
  if (record === undefined) throw new Error('the record was not planted');
  return record;
}

/** How often this session has read all of list_row, since it told the server last. */
async function scansOfRows(on: Queryable): Promise<number> {
  const [scans] = await on.query<{ scans: number }>(
    `select seq_scan::integer as scans from pg_stat_xact_user_tables
     where relid = 'list_row'::regclass`,
  );
  return scans?.scans ?? 0;
}

describe.each(ledgerEngines)('rows of a member, ledger on $name', (engine) => {
  const run = engine.missing ? test.skip : test;

  run('are found in every list of the provider, and no list is read whole', async () => {
    await using world = await openTestLedger(engine);
    const { ledger } = world;
    await plantRuns(ledger, [0, 1, 2], 7_000);
    const record = await plantRecord(ledger);
    // The first search makes the filters of pages that have none, which counts as reading them.
    await findListingsOfRecord(ledger, record);
    const found = await ledger.transaction(async (transaction) => {
      const before = await scansOfRows(transaction);
      const listings = await findListingsOfRecord(transaction, record);
      return { listings, scans: (await scansOfRows(transaction)) - before };
    });
    expect(found.listings.map(({ run_id: id, line }) => [id, line])).toEqual([
      ['run-1', 7_003],
      ['run-2', 7_003],
    ]);
    expect(found.scans).toBe(0);
    await plantRuns(ledger, [3], ROWS);
    expect((await findListingsOfRecord(ledger, record)).at(-1)).toMatchObject({
      run_id: 'run-3',
      line: ROWS + 3,
    });
  });

  run('a line is found without reading the others', async () => {
    await using world = await openTestLedger(engine);
    await plantRuns(world.ledger, [1], 1);
    await world.ledger.query('analyze list_row');
    const visits: Visits = new Map();
    const ledger = countOn(world.ledger, visits);
    const lineOf = async (line: number): Promise<number | undefined> =>
      (await findRecordOfLine(ledger, 1, line)).row?.line;
    expect(await Promise.all([4, 5, 9_999, ROWS + 3].map(lineOf))).toEqual([4, 5, 9_999, ROWS + 3]);
    expect(await Promise.all([1, 3, ROWS + 4, 1_000_000].map(lineOf))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(Math.max(...visits.values())).toBeLessThan(300);
  });
});
