import { describe, expect, test } from 'vitest';
import type { ListRow } from '../../src/domain/list-row.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import { claimFree } from '../../src/ledger/runs/claiming.ts';
import { markSending } from '../../src/ledger/runs/marking.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { settleLeftRows } from '../../src/ledger/runs/list-row-table.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { recordCalls } from '../../src/ledger/runs/outcome-recording.ts';
import { createRecords, notePlanned } from '../../src/ledger/runs/planning.ts';
import { createRun, noteList, raiseEpoch, readRun } from '../../src/ledger/runs/run-table.ts';
import { proveControlTotals } from '../../src/reconcile/control-totals.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const provider = 'truth';
const nobody: ReadonlySet<string> = new Set();

function listRow(rowNo: number): ListRow {
  const userId = String(1_000_000_000 + rowNo) as UserId;
  const par = `PAR${String(rowNo).padStart(24, '0')}` as Par;
  return { rowNo, line: rowNo + 1, cells: [userId, par], content: { kind: 'record', userId, par } };
}

/** A run of six rows, four of them called: three enrolled, one bad_data; one rejected, one never called. */
async function finishRun(ledger: Ledger): Promise<number> {
  const run = await createRun(ledger, {
    id: '20261122T160000Z-proof-0a1b',
    job: 'proof',
    provider,
    kind: 'list',
    night: '2026-11-22',
    listName: 'list.csv',
    content: 'c0ffee',
    again: false,
    settings: {},
    startedAt: new Date('2026-11-22T16:00:00Z'),
  });
  const fence = await raiseEpoch(ledger, run.run_no);
  const rejected: ListRow = {
    rowNo: 6,
    line: 7,
    cells: ['x'],
    content: { kind: 'rejected', rejection: { reason: 'cells', cells: 1, expectedCells: 2 } },
  };
  await stageRows(ledger, fence, [1, 2, 3, 4, 5].map(listRow).concat(rejected));
  await ledger.transaction(async (transaction) => await createRecords(transaction, run.run_no, provider));
  await notePlanned(ledger, run.run_no);
  const { records } = await claimFree(ledger, fence, { provider, inHand: nobody }, 4);
  const at = new Date('2026-11-22T16:00:01Z');
  const correlationOf = (rowNo: number): string => `261123010001-${String(rowNo).padStart(7, '0')}`;
  await markSending(
    ledger,
    fence,
    records.map(({ recordNo, rowNo }) => ({
      recordNo,
      call: 'register' as const,
      correlationId: correlationOf(rowNo),
      at,
    })),
  );
  await recordCalls(
    ledger,
    fence,
    records.map(({ recordNo, rowNo }) => ({
      recordNo,
      rowNo,
      call: 'register',
      finding: null,
      correlationId: correlationOf(rowNo),
      sentAt: at,
      latencyMs: 5,
      reply: {
        kind: 'answered',
        httpStatus: 200,
        code: '000_000',
        unread: null,
        message: null,
        raw: '',
        retryAfterMs: null,
      },
      outcome: rowNo === 4 ? 'bad_data' : 'enrolled',
      settled: true,
    })),
  );
  await noteList(ledger, run.run_no, {
    header: ['user_id', 'par'],
    encoding: 'utf-8',
    delimiter: ',',
    userIdColumn: 0,
    parColumn: 1,
    rowsRead: 6,
    blankLines: 0,
    titleLines: 0,
    totalsLines: 0,
    notes: { totals: { afterLine: 0, throughLine: 8, rows: 6 } },
  });
  await settleLeftRows(ledger, run.run_no);
  return run.run_no;
}

async function prove(ledger: Ledger, runNo: number) {
  return await proveControlTotals(ledger, await readRun(ledger, runNo));
}

/** As it would be after the statements; they are taken back. */
async function proveBroken(
  ledger: Ledger,
  runNo: number,
  statements: readonly string[],
): Promise<readonly string[]> {
  const undo = Symbol('undo');
  let found: readonly string[] = [];
  const work = ledger.transaction(async (transaction) => {
    for (const statement of statements) await transaction.query(statement);
    found = (await proveControlTotals(transaction, await readRun(transaction, runNo))).broken;
    // What a transaction throws rolls it back: the next break starts from the whole.
    // oxlint-disable-next-line typescript/only-throw-error
    throw undo;
  });
  await work.catch(() => undefined);
  return found;
}

describe.each(ledgerEngines)('the control totals of a run ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('agree as they were recorded', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const runNo = await finishRun(ledger);
    const whole = await prove(ledger, runNo);
    expect(whole.broken).toEqual([]);
    expect(whole.rowsRead).toBe(6);
    expect(whole.classes).toMatchObject({
      enrolled: 3,
      bad_data: 1,
      rejected: 1,
      unprocessed: 1,
      transient: 0,
    });

    expect(whole.checks).toEqual([
      { name: 'rows_staged', class: null, expected: 6, found: 6 },
      { name: 'classes', class: null, expected: 6, found: 6 },
      { name: 'attempts', class: null, expected: 4, found: 4 },
      { name: 'attempts', class: 'enrolled', expected: 3, found: 3 },
      { name: 'attempts', class: 'bad_data', expected: 1, found: 1 },
      { name: 'first_success', class: null, expected: 3, found: 3 },
      { name: 'first_success', class: 'enrolled', expected: 3, found: 3 },
      { name: 'success_known', class: null, expected: 0, found: 0 },
      { name: 'success_known', class: 'enrolled', expected: 0, found: 0 },
      { name: 'held_success', class: null, expected: 0, found: 0 },
      { name: 'outcomes', class: null, expected: 4, found: 4 },
      { name: 'outcomes', class: 'enrolled', expected: 3, found: 3 },
      { name: 'outcomes', class: 'bad_data', expected: 1, found: 1 },
      { name: 'codes', class: null, expected: 4, found: 4 },
      { name: 'codes', class: 'enrolled', expected: 3, found: 3 },
      { name: 'codes', class: 'bad_data', expected: 1, found: 1 },
      { name: 'not_called', class: null, expected: 0, found: 0 },
      { name: 'list_totals', class: null, expected: 6, found: 6 },
    ]);
  });

  const breaks: readonly (readonly [
    what: string,
    statements: readonly string[],
    broken: readonly string[],
  ])[] = [
    [
      'a row is gone',
      ['delete from list_row where row_no = 5'],
      [
        '6 rows counted while reading, 5 rows in the ledger',
        '6 rows read, 5 rows in a class: enrolled 3 + bad_data 1 + rejected 1',
        "6 rows by the list's own totals line, 5 rows read",
      ],
    ],
    [
      'a row too many, below the totals line',
      [
        `insert into list_row (run_no, row_no, line, cells, class, settled) select max(run_no), 7, 99, '{}', 'rejected', true from list_row`,
      ],
      [
        '6 rows counted while reading, 7 rows in the ledger',
        '6 rows read, 7 rows in a class: enrolled 3 + bad_data 1 + rejected 2 + unprocessed 1',
      ],
    ],
    [
      'a row stands below the totals line',
      ['update list_row set line = 99 where row_no = 6'],
      ["6 rows by the list's own totals line, 5 rows read"],
    ],
    [
      'a call is gone from the attempts',
      ['delete from attempt where row_no = 4'],
      [
        'bad_data: 1 calls on the rows, 0 calls recorded',
        'bad_data: 1 rows with this class, 0 have it by their last telling call',
        'bad_data: 1 rows with this class, 0 with the code of their last telling call',
      ],
    ],
    [
      'a call is counted twice on its row',
      ['update list_row set attempts = attempts + 1 where row_no = 1'],
      ['enrolled: 4 calls on the rows, 3 calls recorded'],
    ],
    [
      'a call belongs to no row',
      ['update attempt set row_no = 70 where row_no = 4'],
      ['bad_data: 1 calls on the rows, 0 calls recorded'],
    ],
    [
      'a failure says success',
      [`update list_row set class = 'already_active' where row_no = 4`],
      [
        'already_active: 1 successes called here, 0 first successes of records',
        'already_active: 0 success rows allowed that the status table does not know, 1 found',
        'already_active: 1 rows with this class, 0 have it by their last telling call',
      ],
    ],
    [
      'a success says failure',
      [`update list_row set class = 'conflict' where row_no = 1`],
      [
        'conflict: 0 successes called here, 1 first successes of records',
        'conflict: 1 rows with this class, 0 have it by their last telling call',
      ],
    ],
    [
      'the status table has forgotten',
      ['delete from enrollment where first_success_run_no is not null'],
      [
        'enrolled: 3 successes called here, 0 first successes of records',
        'enrolled: 0 success rows allowed that the status table does not know, 3 found',
        'enrolled: 3 rows with this class, 0 have it by their last telling call',
        'enrolled: 3 rows with this class, 0 with the code of their last telling call',
      ],
    ],
    [
      'a record says its first success was here, and its row is gone',
      ['delete from list_row where row_no = 1'],
      [
        '6 rows counted while reading, 5 rows in the ledger',
        '6 rows read, 5 rows in a class: enrolled 2 + bad_data 1 + rejected 1 + unprocessed 1',
        '3 calls on the rows, 4 calls recorded',
        '2 successes called here, 3 first successes of records',
        "6 rows by the list's own totals line, 5 rows read",
      ],
    ],
    [
      'two rows have changed their classes with each other',
      [
        `update list_row set class = case row_no when 1 then 'bad_data' else 'enrolled' end where row_no in (1, 4)`,
        `update enrollment set first_success_run_no = case when par like '%1' then null else 1 end where par like '%1' or par like '%4'`,
      ],
      [
        'enrolled: 3 rows with this class, 2 have it by their last telling call',
        'bad_data: 1 rows with this class, 0 have it by their last telling call',
      ],
    ],
    [
      'a success that no call gave',
      [
        `update list_row set class = 'enrolled' where row_no = 5`,
        `update enrollment set first_success_run_no = 1 where par like '%5'`,
      ],
      ['enrolled: 4 rows with this class, 3 have it by their last telling call'],
    ],
    [
      'a row says it was enrolled before, and no call ever enrolled it',
      [
        `update list_row set class = 'already_done', kept = true where row_no = 5`,
        `update enrollment set first_success_run_no = 77 where par like '%5'`,
      ],
      ['1 rows already_done, 0 with a first success and its call'],
    ],
    [
      'a row carries another code than its call',
      [`update list_row set code = '007_031' where row_no = 4`],
      ['bad_data: 1 rows with this class, 0 with the code of their last telling call'],
    ],
    [
      'an attempt carries another code than its row',
      [`update attempt set code = null where row_no = 2`],
      ['enrolled: 3 rows with this class, 2 with the code of their last telling call'],
    ],
    [
      'a row that was called says it was not',
      [`update list_row set class = 'unprocessed' where row_no = 4`],
      ['unprocessed: 0 rows allowed that a call gave another class, 1 found'],
    ],
    [
      'nothing was counted while reading',
      ['update run set rows_read = null'],
      ['6 rows are staged of a list whose rows were not counted', '0 rows read, 6 rows in a class'],
    ],
  ];

  it('name what is broken, with its class and both figures', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const runNo = await finishRun(ledger);
    for (const [what, statements, sentences] of breaks) {
      const found = await proveBroken(ledger, runNo, statements);
      const named = sentences.filter((sentence, index) => found[index]?.includes(sentence));
      expect({ what, named, count: found.length }).toEqual({
        what,
        named: sentences,
        count: sentences.length,
      });
    }
    expect((await prove(ledger, runNo)).broken).toEqual([]);
  });

  it('a first success in another run is no break, and told apart', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const runNo = await finishRun(ledger);
    await ledger.query(
      'update enrollment set first_success_run_no = 77 where first_success_run_no is not null and claim_run_no is null and par like $1',
      ['%1'],
    );
    const { broken, checks } = await prove(ledger, runNo);
    expect(broken).toEqual([]);
    expect(checks).toContainEqual({ name: 'first_success', class: 'enrolled', expected: 2, found: 2 });
  });

  it.each(['held', 'stop_run'])('a call that ended as %s gives its row no class', async (outcome) => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const runNo = await finishRun(ledger);
    await ledger.query('update attempt set outcome = $1 where row_no = 4', [outcome]);
    expect((await prove(ledger, runNo)).broken).not.toEqual([]);
    await ledger.query(`update list_row set class = 'unprocessed', code = null where row_no = 4`);
    expect((await prove(ledger, runNo)).broken).toEqual([]);
  });

  it('a list without totals lines has no such check', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const runNo = await finishRun(ledger);
    await ledger.query('update run set list_notes = null');
    const { broken, checks } = await prove(ledger, runNo);
    expect(broken).toEqual([]);
    expect(checks.map((check) => check.name)).not.toContain('list_totals');
  });

  it('a list that was never read and of which nothing is staged adds up to nothing', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const runNo = await finishRun(ledger);
    for (const table of ['list_row', 'attempt', 'enrollment']) await ledger.query(`delete from ${table}`);
    await ledger.query('update run set rows_read = null, list_notes = null');
    expect(await prove(ledger, runNo)).toMatchObject({ rowsRead: 0, broken: [] });
  });
});
