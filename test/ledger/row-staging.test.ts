import { describe, expect, test } from 'vitest';
import type { ListRow } from '../../src/domain/list-row.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import { LedgerError, OvertakenError, type BulkCopy } from '../../src/ledger/ledger-port.ts';
import type { OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { raiseEpoch, createRun } from '../../src/ledger/runs/run-table.ts';
import { stageRows } from '../../src/ledger/runs/row-staging.ts';
import { stageSets } from '../../src/run/start/stage-sets.ts';
import { ledgerEngines, openTestLedger, serverEngine } from '../support/ledgers.ts';

const odd = ['a\tb', 'c\\d', 'e\r\nf', '\\N', '', '"q"', '{a,b}', 'NULL', "'=1", ' \b\f\u000b', '😀한'];

const oddRejection = {
  reason: 'par_format',
  column: 'a\tcolumn\\with\n“all”',
  cell: { masked: '******"}\\', cutFrom: 5_000 },
  foreign: ['U+0410'],
  hasMoreForeign: false,
} as const;

function rowOf(rowNo: number): ListRow {
  const cells = odd.slice(0, rowNo % (odd.length + 1));
  const content: ListRow['content'] =
    rowNo % 3 === 0
      ? { kind: 'rejected', rejection: oddRejection }
      : {
          kind: 'record',
          userId: `1${rowNo}` as UserId,
          par: `PAR${String(rowNo).padStart(24, '0')}` as Par,
        };
  return { rowNo, line: rowNo + 1, cells, content };
}

const rowsUpTo = (count: number): ListRow[] => Array.from({ length: count }, (_, index) => rowOf(index + 1));

async function begin(ledger: OpenLedger, id: string) {
  const run = await createRun(ledger, {
    id,
    job: id,
    provider: 'p',
    kind: 'list',
    night: '2026-11-22',
    listName: 'list.csv',
    content: 'c',
    again: false,
    settings: {},
    startedAt: new Date('2026-11-22T16:00:00Z'),
  });
  return await raiseEpoch(ledger, run.run_no);
}

const readStaged = async (ledger: OpenLedger, runNo: number): Promise<object[]> =>
  await ledger.query(
    'select row_no, line, cells, user_id, par, class, settled, code, message, rejection from list_row where run_no = $1 order by row_no',
    [runNo],
  );

describe.each(ledgerEngines.map((engine) => [engine.name, engine] as const))('%s', (_, engine) => {
  test.skipIf(engine.missing)('rows are kept as they are, whatever stands in their cells', async () => {
    await using setup = await openTestLedger(engine);
    const fence = await begin(setup.ledger, 'a');
    const rows = rowsUpTo(40);
    await stageRows(setup.ledger, fence, rows);
    const staged = await readStaged(setup.ledger, fence.runNo);
    const { reason, ...keptParts } = oddRejection;
    expect(staged).toEqual(
      rows.map(({ rowNo, line, cells, content }) => ({
        row_no: rowNo,
        line,
        cells,
        user_id: content.kind === 'record' ? content.userId : null,
        par: content.kind === 'record' ? content.par : null,
        class: content.kind === 'record' ? null : 'rejected',
        settled: content.kind === 'rejected',
        code: content.kind === 'record' ? null : reason,
        message: null,
        rejection: content.kind === 'record' ? null : keptParts,
      })),
    );
  });

  test.skipIf(engine.missing)('sets are all kept, whether several are written together or not', async () => {
    await using setup = await openTestLedger(engine);
    const fence = await begin(setup.ledger, 'a');
    const rows = rowsUpTo(6_500);
    let written = 0;
    const sets = (async function* () {
      for (let at = 0; at < 6_000; at += 1_000) yield await Promise.resolve(rows.slice(at, at + 1_000));
      yield rows.slice(6_000, 6_001);
      yield rows.slice(6_001);
    })();
    await stageSets(setup.ledger, fence, sets, () => {
      written += 1;
    });
    expect(await readStaged(setup.ledger, fence.runNo)).toHaveLength(rows.length);
    // The first 1,000; 5,000; the two small ones behind them.
    expect(written).toBe(engine === serverEngine ? 4 : 8);
  });
});

describe.skipIf(serverEngine.missing)('by COPY', () => {
  test.each([
    ['committed and unheard', true],
    ['not done', false],
  ])('a set whose copy was %s is there once', async (_, isDone) => {
    await using setup = await openTestLedger(serverEngine);
    const { ledger } = setup;
    const { bulk } = ledger;
    if (bulk === null) throw new Error('a server has COPY');
    const broken: BulkCopy = {
      ...bulk,
      copyIn: async (into, text, guard) => {
        if (isDone) await bulk.copyIn(into, text, guard);
        throw new LedgerError('LEDGER_UNAVAILABLE', 'broken');
      },
    };
    const [fence, other] = [await begin(ledger, 'a'), await begin(ledger, 'b')];
    await stageRows({ ...ledger, bulk: broken }, fence, rowsUpTo(20));
    await stageRows(ledger, other, rowsUpTo(20));
    expect(await readStaged(ledger, fence.runNo)).toEqual(await readStaged(ledger, other.runNo));
  });

  test('a run that was taken over gets no row', async () => {
    await using setup = await openTestLedger(serverEngine);
    const { ledger } = setup;
    const fence = await begin(ledger, 'a');
    await raiseEpoch(ledger, fence.runNo);
    await expect(stageRows(ledger, fence, rowsUpTo(3))).rejects.toBeInstanceOf(OvertakenError);
    expect(await readStaged(ledger, fence.runNo)).toEqual([]);
  });
});
