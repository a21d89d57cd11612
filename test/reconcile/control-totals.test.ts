import { describe, expect, test } from 'vitest';
import type { ListRow } from '../../src/domain/list-row.ts';
import type { Par } from '../../src/domain/par.ts';
import type { UserId } from '../../src/domain/user-id.ts';
import { claimRecords, markSending } from '../../src/ledger/claiming.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { settleLeftRows, stageRows } from '../../src/ledger/list-row-table.ts';
import { recordCalls } from '../../src/ledger/outcome-recording.ts';
import { createRecords, notePlanned } from '../../src/ledger/planning.ts';
import { createRun, noteList, raiseEpoch, readRun } from '../../src/ledger/run-table.ts';
import { proveControlTotals } from '../../src/reconcile/control-totals.ts';
import { embeddedEngine, openTestLedger } from '../support/ledgers.ts';

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
  const lease = await raiseEpoch(ledger, run.run_no);
  const rejected: ListRow = {
    rowNo: 6,
    line: 7,
    cells: ['x'],
    content: { kind: 'rejected', reason: 'cells', column: null, message: 'one cell instead of two' },
  };
  await stageRows(ledger, lease, [1, 2, 3, 4, 5].map(listRow).concat(rejected));
  await createRecords(ledger, run.run_no, provider);
  await notePlanned(ledger, run.run_no);
  const { records } = await claimRecords(
    ledger,
    lease,
    { provider, turn: 0, afterRowNo: 0, inHand: nobody },
    4,
  );
  const at = new Date('2026-11-22T16:00:01Z');
  const correlationOf = (rowNo: number): string => `261123010001-${String(rowNo).padStart(7, '0')}`;
  await markSending(
    ledger,
    lease,
    records.map(({ recordNo, rowNo }) => ({
      recordNo,
      call: 'register' as const,
      correlationId: correlationOf(rowNo),
      at,
    })),
  );
  await recordCalls(
    ledger,
    lease,
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
    notes: null,
  });
  await settleLeftRows(ledger, run.run_no);
  return run.run_no;
}

async function prove(ledger: Ledger, runNo: number) {
  return await proveControlTotals(ledger, await readRun(ledger, runNo));
}

describe('the control totals of a run', () => {
  test('agree as they were recorded, and each break of them is named', async () => {
    await using opened = await openTestLedger(embeddedEngine);
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

    const broken = async (...statements: readonly string[]): Promise<readonly string[]> => {
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
    };
    expect(await broken(`delete from list_row where row_no = 2`)).toEqual([
      '6 rows were read, the classes add up to 5: enrolled 2 + bad_data 1 + rejected 1 + unprocessed 1',
    ]);
    expect(
      await broken(
        `insert into list_row (run_no, row_no, line, cells, class, settled) values (${runNo}, 7, 8, '{}', 'rejected', true)`,
      ),
    ).toEqual([
      '6 rows were read, the classes add up to 7: enrolled 3 + bad_data 1 + rejected 2 + unprocessed 1',
    ]);
    expect(await broken(`update list_row set class = 'enrolled' where row_no = 4`)).toEqual([
      expect.stringMatching(/^1 rows? .*success/),
    ]);
    expect(await broken(`update list_row set class = 'recovered' where row_no in (4, 5)`)).toEqual([
      expect.stringMatching(/^2 rows .*success/),
    ]);
    expect(await broken(`delete from enrollment`)).toEqual([expect.stringMatching(/^3 rows .*success/)]);
    expect(
      await broken(
        `delete from list_row where row_no = 6`,
        `update list_row set class = 'enrolled' where row_no = 4`,
      ),
    ).toHaveLength(2);
    expect(await broken(`update run set rows_read = null`)).toEqual([expect.stringContaining('not counted')]);
    expect(await prove(ledger, runNo)).toEqual(whole);
  });

  test('a list that was never read and of which nothing is staged adds up to nothing', async () => {
    await using opened = await openTestLedger(embeddedEngine);
    const { ledger } = opened;
    const runNo = await finishRun(ledger);
    await ledger.query('delete from list_row');
    await ledger.query('update run set rows_read = null');
    expect(await prove(ledger, runNo)).toMatchObject({ rowsRead: 0, broken: [] });
  });
});
