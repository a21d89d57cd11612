import { describe, expect, test } from 'vitest';
import type { Queryable } from '../../src/ledger/ledger-port.ts';
import { shadowListTables } from '../../src/ledger/runs/preview.ts';
import { createRun } from '../../src/ledger/runs/run-table.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

/** More often than a statement is used before the engine keeps its plan. */
const OFTEN = 12;

async function countRuns(on: Queryable): Promise<number | undefined> {
  const rows = await on.query<{ runs: number }>('select count(*)::integer as runs from run where job = $1', [
    'j',
  ]);
  return rows[0]?.runs;
}

async function addRun(on: Queryable, id: string): Promise<void> {
  await createRun(on, {
    id,
    job: 'j',
    provider: 'p',
    kind: 'list',
    night: '2026-11-23',
    listName: 'list.csv',
    content: 'c',
    again: false,
    settings: {},
    startedAt: new Date('2026-11-23T00:00:00Z'),
  });
}

describe.each(ledgerEngines)('the tables of a plan, ledger on $name', (engine) => {
  const run = engine.missing ? test.skip : test;

  run('stand before the real ones in a session that has kept plans of those', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    for (let at = 0; at < OFTEN; at += 1) {
      await addRun(ledger, `real-${at}`);
      expect(await countRuns(ledger)).toBe(at + 1);
    }
    for (let plan = 0; plan < 3; plan += 1) {
      await ledger.transaction(async (transaction) => {
        await shadowListTables(transaction, null);
        expect(await countRuns(transaction)).toBe(0);
        for (let at = 0; at < OFTEN; at += 1) await addRun(transaction, `shadow-${at}`);
        expect(await countRuns(transaction)).toBe(OFTEN);
      });
      expect(await countRuns(ledger)).toBe(OFTEN);
    }
  });
});
