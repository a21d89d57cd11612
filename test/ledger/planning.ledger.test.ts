import { describe, expect, test } from 'vitest';
import type { ListRow } from '../../src/domain/list-row.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import type { Ledger, RunFence } from '../../src/ledger/ledger-port.ts';
import { createRecords, markRepeated } from '../../src/ledger/runs/planning.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { createRun, raiseEpoch } from '../../src/ledger/runs/run-table.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const provider = 'provider-a';

function par(n: number): string {
  return `PAR${String(n).padStart(24, '0')}`;
}

type Ids = readonly [userId: string, par: string];

async function stageList(ledger: Ledger, id: string, list: readonly Ids[]): Promise<RunFence> {
  const { run_no: runNo } = await createRun(ledger, {
    id,
    job: id,
    provider,
    kind: 'list',
    night: '2026-11-22',
    listName: 'list.csv',
    content: id,
    again: false,
    settings: {},
    startedAt: new Date('2026-11-22T16:00:00Z'),
  });
  const fence = await raiseEpoch(ledger, runNo);
  const rows = list.map(([userId, card], index): ListRow => {
    const content = { kind: 'record', userId: userId as UserId, par: card as Par } as const;
    return { rowNo: index + 1, line: index + 2, cells: [userId, card], content };
  });
  await stageRows(ledger, fence, rows);
  return fence;
}

async function readClasses(ledger: Ledger, { runNo }: RunFence): Promise<(string | null)[]> {
  const rows = await ledger.query<{ class: string | null; first: number | null }>(
    'select class, first_row_no as first from list_row where run_no = $1 order by row_no',
    [runNo],
  );
  return rows.map((row) => (row.first === null ? row.class : `${row.class} of ${row.first}`));
}

async function create(ledger: Ledger, { runNo }: RunFence): Promise<boolean> {
  return await ledger.transaction(async (transaction) => await createRecords(transaction, runNo, provider));
}

async function countRecords(ledger: Ledger): Promise<number | undefined> {
  const rows = await ledger.query<{ records: number }>('select count(*)::integer as records from enrollment');
  return rows[0]?.records;
}

describe.each(ledgerEngines)('planning, ledger on $name', (engine) => {
  const it = engine.missing ? test.skip : test;

  // Both below and above the number of repeated PARs that are looked up one by one.
  it.each([3, 1_100])('marks the repeated rows of %i members, and no others', async (members) => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const once = Array.from({ length: members }, (_, index): Ids => [String(index + 1), par(index + 1)]);
    const disputed: Ids[] = [
      ['900001', par(900_001)],
      ['900002', par(900_001)],
      ['900001', par(900_001)],
      ['900002', par(900_003)],
    ];
    const fence = await stageList(ledger, 'a', [...once, ...once, ...disputed]);
    await markRepeated(ledger, { of: [fence.runNo], among: [fence.runNo] });
    expect(await readClasses(ledger, fence)).toEqual([
      ...once.map(() => null),
      ...once.map((_, index) => `duplicate of ${index + 1}`),
      'disputed',
      'disputed',
      `duplicate of ${2 * members + 1}`,
      null,
    ]);
  });

  it('marks disputes between lists, and only in the lists that are asked for', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const [first, second, third] = [
      await stageList(ledger, 'a', [
        ['1', par(1)],
        ['2', par(2)],
      ]),
      await stageList(ledger, 'b', [
        ['3', par(1)],
        ['2', par(2)],
      ]),
      await stageList(ledger, 'c', [['4', par(2)]]),
    ];
    await markRepeated(ledger, { of: [second.runNo], among: [first.runNo, second.runNo] });
    expect(await readClasses(ledger, first)).toEqual([null, null]);
    expect(await readClasses(ledger, second)).toEqual(['disputed', null]);
    expect(await readClasses(ledger, third)).toEqual([null]);
  });

  it('creates each record once, and says whether the ledger knew any of them', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const known: Ids = ['1', par(1)];
    expect(await create(ledger, await stageList(ledger, 'a', [known, ['2', par(2)]]))).toBe(true);
    expect(await create(ledger, await stageList(ledger, 'b', [['3', par(3)], known]))).toBe(false);
    expect(await create(ledger, await stageList(ledger, 'c', [known]))).toBe(false);
    expect(await countRecords(ledger)).toBe(3);
  });

  it('leaves a record alone that comes in while the others are created', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    // A record that stands twice in unmarked rows is new when they are read and there when it is written again.
    const twice: Ids = ['1', par(1)];
    const fence = await stageList(ledger, 'a', [twice, ['2', par(2)], twice]);
    expect(await create(ledger, fence)).toBe(false);
    expect(await countRecords(ledger)).toBe(2);
  });

  it('refuses rows whose ids are none, whatever the program took them for', async () => {
    await using setup = await openTestLedger(engine);
    const taken: readonly Ids[] = [
      ['1', par(1)],
      ['9999999999999999999', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0'],
    ];
    const refused: readonly Ids[] = [
      ['0', par(1)],
      ['01', par(1)],
      ['12345678901234567890', par(1)],
      ['', par(1)],
      ['1 ', par(1)],
      ['1\n', par(1)],
      ['1a', par(1)],
      ['１', par(1)],
      ['1', par(1).slice(1)],
      ['1', `${par(1)}0`],
      ['1', par(1).toLowerCase()],
      ['1', `${par(1).slice(1)}\n`],
      ['1', `${par(1).slice(1)}É`],
      ['1', ''],
    ];
    const fence = await stageList(setup.ledger, 'taken', taken);
    expect(await readClasses(setup.ledger, fence)).toEqual([null, null]);
    for (const [index, ids] of refused.entries()) {
      await expect(stageList(setup.ledger, `run-${index}`, [ids])).rejects.toThrow(
        /list_row_(user_id|par)_check/,
      );
    }
  });
});
