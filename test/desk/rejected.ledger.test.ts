import { describe, expect, test, vi } from 'vitest';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { countOn, type Visits } from '../support/visited-rows.ts';
import { evil, visibleText } from '../report/html/page-world.ts';
import { openReportWorld, par, runId, type PlantedRow } from '../report/report-world.ts';
import { openLedgerDesk } from './ledger-desk.ts';

vi.setConfig({ testTimeout: 300_000 });

const rows: readonly PlantedRow[] = [
  {
    cells: ['12a', par(1)],
    class: 'rejected',
    rejection: {
      reason: 'user_id_format',
      column: evil.slice(0, 30),
      cell: { masked: '***', cutFrom: null },
      foreign: [],
      hasMoreForeign: false,
    },
  },
  { cells: ['2', par(2)], class: 'already_done', kept: true, code: '000_000' },
  {
    cells: ['3', ''],
    class: 'rejected',
    rejection: { reason: 'par_missing', column: 'PAR', isFormula: false },
  },
  { cells: ['4'], class: 'rejected', message: 'no 12345678901 wrong | 12345678901 틀림' },
];

const told = [
  {
    language: 'en',
    says: ['4 PAR The PAR is missing PAR is empty;', 'no 12*****8901 wrong'],
    saysNot: '틀림',
  },
  { language: 'ko', says: ['4 PAR PAR가 없음 PAR: 비어 있습니다;', '틀림'], saysNot: 'wrong' },
] as const;

/** Plants a hundred thousand rows of which every ninth is rejected, except among the last ten thousand. */
async function plantManyRows(ledger: Ledger, runNo: number): Promise<void> {
  await ledger.query(
    `insert into list_row (run_no, row_no, line, cells, user_id, par, class, settled, code, rejection)
     select $1, n, n + 1, array[n::text], case when bad then null else n::text end,
            case when bad then null else 'PAR' || lpad(n::text, 24, '0') end,
            case when bad then 'rejected' else 'enrolled' end, true, case when bad then 'par_missing' end,
            case when bad then '{"column": "PAR", "isFormula": false}'::jsonb end
     from (select n, n % 9 = 0 and n <= 90000 as bad from generate_series(100, 100000) n) as rows`,
    [runNo],
  );
  await ledger.query('analyze list_row');
}

describe.each(ledgerEngines)('rejected rows, ledger on $name', (engine) => {
  test.skipIf(engine.missing).each(told)(
    'stand with line, column, fault and cure, masked, in $language',
    async ({ language, says, saysNot }) => {
      await using world = await openReportWorld(engine, { header: ['user_id', 'PAR'], rows });
      await using desk = await openLedgerDesk(world.ledger, world.folder);
      const { text } = await desk.get(`/runs/${runId}/rejected`, language);
      expect(text.match(/<th scope="row" data-label/g)).toHaveLength(3);
      expect(text).not.toContain('<script>document');
      expect(text).not.toContain('12345678901');
      const said = visibleText(text);
      for (const words of says) expect(said).toContain(words);
      expect(said).not.toContain(saysNot);
    },
  );

  test.skipIf(engine.missing)(
    'are reached from the run, and are nobody’s of a job that is not served',
    async () => {
      await using world = await openReportWorld(engine, { header: ['user_id', 'PAR'], rows });
      await world.ledger.query(`update run set state = 'complete'`);
      await using desk = await openLedgerDesk(world.ledger, world.folder);
      const { text } = await desk.get(`/runs/${runId}`);
      expect(text).toContain(`<a href="/runs/${runId}/rejected">See all 3 rejected rows</a>`);
      await world.ledger.query(`update run set job = 'elsewhere'`);
      expect((await desk.get(`/runs/${runId}/rejected`)).status).toBe(404);
    },
  );

  test.skipIf(engine.missing)(
    'are read fifty at a time, wherever they stand among a hundred thousand',
    async () => {
      await using world = await openReportWorld(engine, { header: ['user_id', 'PAR'], rows });
      await plantManyRows(world.ledger, world.runNo);
      const visits: Visits = new Map();
      await using desk = await openLedgerDesk(countOn(world.ledger, visits), world.folder);
      const first = (await desk.get(`/runs/${runId}/rejected`)).text;
      expect(first.match(/<th scope="row" data-label/g)).toHaveLength(50);
      const next = /href="(?<next>[^"]+\?after=\d+)"/.exec(first)?.groups?.['next'] ?? '';
      expect((await desk.get(next)).text.match(/<th scope="row" data-label/g)).toHaveLength(50);
      for (const after of [45_000, 89_900, 90_000]) await desk.get(`/runs/${runId}/rejected?after=${after}`);
      const read = [...visits].filter(([sql]) => /from list_row\b/.test(sql)).map(([, count]) => count);
      expect(read).toHaveLength(1);
      // The query reads the rows shown, one more, and the step above them.
      expect(Math.max(...read)).toBeLessThanOrEqual(102);
      const end = visibleText((await desk.get(`/runs/${runId}/rejected?after=90000`)).text);
      expect(end).toContain('There are no further ones.');
    },
  );
});
