import { describe, expect, test } from 'vitest';
import type { ListRow } from '../../src/domain/list-row.ts';
import type { Par } from '../../src/domain/identity/par.ts';
import type { UserId } from '../../src/domain/identity/user-id.ts';
import { LedgerError, OvertakenError, type BulkCopy } from '../../src/ledger/ledger-port.ts';
import { openLedger, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { raiseEpoch, createRun } from '../../src/ledger/runs/run-table.ts';
import { copyLines, stageRows } from '../../src/ledger/runs/row-staging.ts';
import { stageSets } from '../../src/run/start/stage-sets.ts';
import { layCable } from '../support/ledger-cable.ts';
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

const never = (): never => {
  throw new Error('no statement');
};

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
      copyIn: async (into, lines, guard) => {
        if (isDone) await bulk.copyIn(into, lines, guard);
        throw new LedgerError('LEDGER_UNAVAILABLE', 'broken');
      },
    };
    const [fence, other] = [await begin(ledger, 'a'), await begin(ledger, 'b')];
    await stageRows({ ...ledger, bulk: broken }, fence, rowsUpTo(20));
    await stageRows(ledger, other, rowsUpTo(20));
    expect(await readStaged(ledger, fence.runNo)).toEqual(await readStaged(ledger, other.runNo));
  });

  test('one set is written while the next is read, and never two at once', async () => {
    await using setup = await openTestLedger(serverEngine);
    const { ledger } = setup;
    const { bulk } = ledger;
    if (bulk === null) throw new Error('a server has COPY');
    const fence = await begin(ledger, 'a');
    const rows = rowsUpTo(40);
    let nextIsRead = Promise.withResolvers<void>();
    let underWay = 0;
    const sets = (async function* () {
      for (let at = 0; at < 40; at += 10) {
        yield await Promise.resolve(rows.slice(at, at + 10));
        nextIsRead.resolve();
      }
    })();
    const waiting: BulkCopy = {
      ...bulk,
      copyIn: async (...given) => {
        underWay += 1;
        expect(underWay).toBe(1);
        await nextIsRead.promise;
        nextIsRead = Promise.withResolvers<void>();
        const isWritten = await bulk.copyIn(...given);
        underWay -= 1;
        return isWritten;
      },
    };
    await stageSets({ ...ledger, bulk: waiting }, fence, sets);
    expect(await readStaged(ledger, fence.runNo)).toHaveLength(40);
  });

  test('a set is written by COPY alone, and in several pieces', async () => {
    await using setup = await openTestLedger(serverEngine);
    const { ledger } = setup;
    const fence = await begin(ledger, 'a');
    const withoutStatements = { bulk: ledger.bulk, query: never };
    expect(copyLines(withoutStatements, fence, rowsUpTo(1_000)).length).toBeGreaterThan(3);
    await stageRows(withoutStatements, fence, rowsUpTo(1_000));
    expect(await readStaged(ledger, fence.runNo)).toHaveLength(1_000);
  });

  test('a copy that is refused, by its guard or by the server, writes nothing and holds no connection', async () => {
    await using setup = await openTestLedger(serverEngine);
    const { ledger } = setup;
    const lines = [Buffer.from('1\n'), Buffer.from('2\n')];
    await ledger.query('create table copied (number integer primary key)');
    const copy = async (sql: string, into = 'copied'): Promise<boolean | undefined> =>
      await ledger.bulk?.copyIn(into, lines, { sql, parameters: [1] });
    // More often than there are connections.
    for (let time = 0; time < 10; time += 1) {
      expect(await copy('select 1 where $1::integer = 2')).toBe(false);
      await expect(copy('select 1 / ($1::integer - 1)')).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
      await expect(copy('select $1::integer', 'absent')).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
    }
    expect(await ledger.query('select number from copied')).toEqual([]);
    expect(await copy('select $1::integer')).toBe(true);
    await expect(copy('select $1::integer')).rejects.toMatchObject({
      code: 'LEDGER_STATEMENT',
      message: expect.stringContaining('copied_pkey') as unknown,
    });
    expect(await ledger.query('select number from copied order by number')).toEqual([
      { number: 1 },
      { number: 2 },
    ]);
  });

  test('a connection that breaks before the guard has answered is no run taken over', async () => {
    await using setup = await openTestLedger(serverEngine);
    await using cable = await layCable(setup.world.databaseUrl);
    const ledger = await openLedger({ kind: 'server', url: cable.databaseUrl });
    try {
      cable.silenceAll();
      const copy = ledger.bulk?.copyIn('list_row', [], { sql: 'select 1', parameters: [] });
      await Promise.all([expect(copy).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' }), cable.cut()]);
    } finally {
      await ledger.close();
    }
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
