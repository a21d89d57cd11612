import { describe, expect, test } from 'vitest';
import { claimFree, claimSpread, readDueRecords } from '../../src/ledger/runs/claiming.ts';
import { createRecords, notePlanned } from '../../src/ledger/runs/planning.ts';
import { createRun } from '../../src/ledger/runs/run-table.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const provider = 'truth';
const lastNight = '2026-11-21T16:00:00Z';

function parOf(number: number): string {
  return `PAR${String(number).padStart(24, '0')}`;
}

describe.each(ledgerEngines)('a record that is claimed ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('says whether its member was enrolled before the run began, under this card or another', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const run = await createRun(ledger, {
      id: 'run-1',
      job: 'members',
      provider,
      kind: 'list',
      night: '2026-11-22',
      listName: 'list.csv',
      content: 'content',
      again: true,
      settings: {},
      startedAt: new Date('2026-11-22T16:00:00Z'),
    });
    // 2 has another card in the list, 3 was enrolled by this run, 4 is well at another provider.
    const records = [
      [provider, '1', parOf(1), 'enrolled', lastNight],
      [provider, '2', parOf(20), 'already_active', lastNight],
      [provider, '3', parOf(3), 'enrolled', '2026-11-22T17:00:00Z'],
      ['other', '4', parOf(4), 'enrolled', lastNight],
      [provider, '5', parOf(5), 'transient', lastNight],
    ];
    for (const record of records) {
      await ledger.query(
        `insert into enrollment (provider, user_id, par, status, first_success_at)
         values ($1, $2, $3, $4, $5::timestamptz)`,
        record,
      );
    }
    await ledger.query(
      `insert into list_row (run_no, row_no, line, cells, user_id, par)
       select $1, n, n, '{}', user_id, par from unnest($2::text[], $3::text[]) with ordinality as i(user_id, par, n)`,
      [run.run_no, ['1', '2', '3', '4', '5'], [1, 2, 3, 4, 5].map(parOf)],
    );
    await ledger.transaction(async (transaction) => await createRecords(transaction, run.run_no, provider));
    await notePlanned(ledger, run.run_no);

    const fence = { runNo: run.run_no, epoch: run.epoch };
    const terms = { provider, inHand: new Set<string>() };
    const due = await readDueRecords(ledger, run.run_no, { ...terms, turn: 0, afterRowNo: 0 }, 10);
    const spread = await claimSpread(ledger, fence, { ...terms, count: 2, due: 5 });
    const free = await claimFree(ledger, fence, terms, 10);
    const wellOf = (set: typeof spread) => set.records.filter((record) => record.wasWell);
    expect(due.records).toHaveLength(5);
    expect(wellOf(due).map((record) => record.rowNo)).toEqual([1, 2]);
    expect(free.records).toHaveLength(5);
    expect(wellOf(free).map((record) => record.rowNo)).toEqual([1, 2]);
    expect(spread.records.map(({ rowNo, wasWell }) => [rowNo, wasWell])).toEqual([
      [3, false],
      [5, false],
    ]);
  });
});
