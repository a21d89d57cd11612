import { describe, expect, test } from 'vitest';
import { LedgerError, type BulkCopy, type RowSource } from '../../../src/ledger/ledger-port.ts';
import type { ReportedRow } from '../../../src/ledger/runs/reported-rows.ts';
import { readRowPages } from '../../../src/report/csv/row-pages.ts';
import { embeddedEngine, ledgerEngines, serverEngine } from '../../support/ledgers.ts';
import { correlationId, openReportWorld, par, plantCalls, type PlantedRow } from '../report-world.ts';

const cells = [
  ['1234567890123456789', 'PAR1', '김민수'],
  ['a\tb', 'c\\d', 'e\nf'],
  ['\\N', '\\n', 'g\r\nh'],
  ['', '"quoted"', '{a,b}'],
  ["'=1+1", ' \u000b\f\b', '😀'],
];
const texts = ['\\N', 'tab\there', 'line\nfeed', ''];
/** More than one piece of an answer, and more than one page. */
const rows = Array.from({ length: 703 }, (_, index): PlantedRow => ({
  cells: cells[index % cells.length] ?? [],
  class:
    (['enrolled', 'duplicate', 'unknown_code', 'rejected', 'bad_data'] as const)[index % 5] ?? 'conflict',
  message: texts[index % texts.length] ?? '',
  attempts: index % 3,
  ...(index % 5 === 1 ? { sameAsRow: index } : {}),
}));

async function never(): Promise<never> {
  throw await Promise.resolve(new Error('not to be called'));
}

async function readAll(ledger: RowSource, runNo: number): Promise<ReportedRow[]> {
  const read: ReportedRow[] = [];
  for await (const page of readRowPages(ledger, runNo, rows.length)) read.push(...page);
  return read;
}

describe.skipIf(serverEngine.missing)('by COPY', () => {
  test('the rows are those that statements read, in their order', async () => {
    await using world = await openReportWorld(serverEngine, {
      header: ['회원번호', '카드토큰', '이름'],
      rows,
    });
    await plantCalls(world.ledger, world.runNo, [{ rowNo: 3, atMs: 0, latencyMs: 1 }]);
    const raw = '{"code":\t"\\u0041",\n"길": "\\N"}';
    await world.ledger.query('update attempt set correlation_id = $1, raw_reply = $2', [
      correlationId(3),
      raw,
    ]);
    const byStatements = await readAll({ ...world.ledger, bulk: null }, world.runNo);
    expect(await readAll(world.ledger, world.runNo)).toEqual(byStatements);
    expect(byStatements.map((row) => row.cells)).toEqual(rows.map((row) => row.cells));
    const unknown = byStatements.filter((row) => row.reply !== null);
    expect(unknown).toEqual(byStatements.filter((row) => row.class === 'unknown_code'));
    expect(unknown[0]?.reply).toEqual({ user_id: '3', par: par(3), raw_reply: raw });
    expect(unknown[1]?.reply).toMatchObject({ user_id: '8', raw_reply: null });
  });

  test('a reader that goes away early takes nothing from those after it', async () => {
    await using world = await openReportWorld(serverEngine, { header: [], rows });
    for (let time = 0; time < 6; time += 1) {
      for await (const page of readRowPages(world.ledger, world.runNo, rows.length)) {
        expect(page[0]?.row_no).toBe(1);
        break;
      }
    }
    expect(await readAll(world.ledger, world.runNo)).toHaveLength(rows.length);
  });

  test('a role’s limit for statements is not that of a report', async () => {
    await using world = await openReportWorld(serverEngine, { header: [], rows: rows.slice(0, 1) });
    const { bulk } = world.ledger;
    const shown: string[] = [];
    const limit = `select current_setting('statement_timeout')`;
    for await (const lines of bulk?.copyOut(limit, []) ?? []) shown.push(...lines);
    expect(shown).toEqual(['0']);
  });

  test('what the server refuses is a LedgerError of the statement', async () => {
    await using world = await openReportWorld(serverEngine, { header: [], rows: rows.slice(0, 1) });
    const { bulk } = world.ledger;
    const copy = bulk?.copyOut('select 1 / 0', []);
    await expect(copy?.next()).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
  });
});

describe.each(ledgerEngines.map((engine) => [engine.name, engine] as const))('%s', (_, engine) => {
  test.skipIf(engine.missing)(
    'a copy that breaks off goes on by statements, without a row twice',
    async () => {
      await using world = await openReportWorld(engine, { header: [], rows });
      const whole = await readAll({ ...world.ledger, bulk: null }, world.runNo);
      const broken: BulkCopy = {
        copyIn: never,
        copyOut: async function* () {
          yield whole
            .slice(0, 7)
            .map((row) =>
              [row.row_no, 0, '[]', 'enrolled', ...Array.from({ length: 13 }, () => '\\N')].join('\t'),
            );
          throw await Promise.resolve(new LedgerError('LEDGER_UNAVAILABLE', 'broken'));
        },
      };
      const read = await readAll({ ...world.ledger, bulk: broken }, world.runNo);
      expect(read.map((row) => row.row_no)).toEqual(whole.map((row) => row.row_no));
      expect(read.slice(7)).toEqual(whole.slice(7));
    },
  );
});

test('a copy that the server refuses is no reason to go on', async () => {
  await using world = await openReportWorld(embeddedEngine, { header: [], rows: rows.slice(0, 3) });
  const refused: BulkCopy = {
    copyIn: never,
    // oxlint-disable-next-line require-yield -- it fails before its first rows
    copyOut: async function* () {
      throw await Promise.resolve(new LedgerError('LEDGER_STATEMENT', 'refused'));
    },
  };
  const source = { ...world.ledger, bulk: refused };
  await expect(readAll(source, world.runNo)).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
});
