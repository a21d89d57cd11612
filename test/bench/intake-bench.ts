import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { openList } from '../../src/intake/open-list.ts';
import type { ListLocation } from '../../src/intake/open-table.ts';
import { openLedger, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createRun, type RunRow } from '../../src/ledger/runs/run-table.ts';
import { listFacts } from '../../src/run/list-facts.ts';
import { markRows, planRun } from '../../src/run/start/plan-run.ts';
import type { LockedEnvironment } from '../../src/run/run-environment.ts';
import { stageSets } from '../../src/run/start/stage-sets.ts';
import type { BenchRatio } from './bench-result.ts';
import { createBenchFolder, writeCsv, writeStagedRows, writeWorkbook } from './bench-lists.ts';
import { measure, printRatios, type Contender } from './measure.ts';
import { type ParserAlone, startParserAlone } from './parse-alone.ts';

const ROWS = Number(process.env['KONA_BENCH_ROWS'] ?? 200_000);
const options = { encoding: 'auto', header: 'auto', columns: { userId: null, par: null } } as const;

/** Reading lists, beside csv-parse alone; and reading, staging and planning them, beside the same by hand. */
export async function benchIntake(databaseUrl: string): Promise<readonly BenchRatio[]> {
  await using folder = await createBenchFolder();
  await using parser = startParserAlone();
  const at = (name: string): string => join(folder.path, name);
  const utf8 = await writeCsv(at('utf8.csv'), ROWS, 'utf-8');
  const cp949 = await writeCsv(at('cp949.csv'), ROWS, 'cp949');
  const workbook = await writeWorkbook(at('list.xlsx'), ROWS / 4);
  const byHand = await writeStagedRows(at('rows.tsv'), 1, ROWS);
  const ledger = await openLedger({ kind: 'server', url: databaseUrl });
  try {
    const query = `select * from list_row_source`;
    psql(databaseUrl, [
      `create table list_row_source as select (1000000000000000000 + n)::numeric(19) as user_id,
         'PAR' || lpad(n::text, 24, '0') as par, 'name' as name from generate_series(1, ${ROWS}) n`,
    ]);
    const postgres = {
      kind: 'postgres',
      url: databaseUrl,
      urlFrom: 'the bench',
      query,
      table: null,
      statementTimeoutMs: 60_000,
    } as const;
    const rates = await measure([
      { name: 'csv-parse', rows: ROWS, run: async () => await parseAlone(parser, utf8) },
      reading('utf-8', utf8, ROWS),
      reading('cp949', cp949, ROWS),
      reading('xlsx', workbook, ROWS / 4),
      { name: 'postgres', rows: ROWS, run: async () => await read(postgres) },
      {
        name: 'copy to',
        rows: ROWS,
        run: async () => psql(databaseUrl, [`\\copy (${query}) to ${at('out')}`]),
      },
      { name: 'staged', rows: ROWS, run: async () => await stageByUs(ledger, utf8) },
      {
        name: 'by hand',
        rows: ROWS,
        run: async () => await stageByHand(ledger, databaseUrl, byHand),
      },
    ]);
    return printRatios(rates, [
      { what: 'CSV read, beside csv-parse alone', ours: 'utf-8', theirs: 'csv-parse', target: null },
      { what: 'CP949 read, beside csv-parse alone', ours: 'cp949', theirs: 'csv-parse', target: null },
      { what: 'xlsx read, beside csv-parse alone', ours: 'xlsx', theirs: 'csv-parse', target: 0.4 },
      { what: 'Postgres read, beside \\copy to', ours: 'postgres', theirs: 'copy to', target: null },
      {
        what: 'CSV staged and planned, beside csv-parse alone',
        ours: 'staged',
        theirs: 'csv-parse',
        target: 0.15,
      },
      {
        what: 'CSV staged and planned, beside \\copy and SQL by hand',
        ours: 'staged',
        theirs: 'by hand',
        target: 0.8,
      },
    ]);
  } finally {
    await ledger.close();
  }
}

function reading(name: string, path: string, rows: number): Contender {
  return { name, rows, run: async () => await read({ kind: 'file', path, sheet: null }) };
}

async function read(location: ListLocation): Promise<void> {
  const list = await openList(location, options);
  for await (const rows of list.rows()) void rows;
  list.counts();
}

async function parseAlone(parser: ParserAlone, path: string): Promise<void> {
  const records = await parser.count(path);
  if (records !== ROWS + 1) throw new Error(`csv-parse read ${records} records`);
}

async function emptyTables(ledger: OpenLedger): Promise<RunRow> {
  await ledger.query('truncate run, list_row, enrollment restart identity cascade');
  return await createRun(ledger, {
    id: 'bench',
    job: 'bench',
    provider: 'bench',
    kind: 'list',
    night: '2026-11-24',
    listName: 'bench',
    content: 'bench',
    again: false,
    settings: {},
    startedAt: new Date(),
  });
}

async function stageByUs(ledger: OpenLedger, path: string): Promise<void> {
  const run = await emptyTables(ledger);
  const fence = { runNo: run.run_no, epoch: run.epoch };
  const list = await openList({ kind: 'file', path, sheet: null }, options);
  await stageSets(ledger, fence, list.rows());
  // What a plan takes of its environment is these three.
  const lock = { fence: async () => await Promise.resolve() };
  const configuration = { retry: { nights: 14 } };
  const environment = { ledger, lock, configuration } as unknown as LockedEnvironment;
  const facts = listFacts(list, null);
  await markRows(environment, [{ run, fence }], { rows: facts.rowsRead, among: [run.run_no] });
  await planRun(environment, { run, fence }, facts);
}

async function stageByHand(ledger: OpenLedger, url: string, path: string): Promise<void> {
  const run = await emptyTables(ledger);
  psql(url, [
    `\\copy list_row (run_no, row_no, line, cells, user_id, par) from ${path}`,
    `insert into enrollment (provider, user_id, par) select 'bench', user_id, par from list_row
       where run_no = ${run.run_no} order by user_id, par on conflict do nothing`,
  ]);
}

function psql(url: string, commands: readonly string[]): void {
  const words = commands.flatMap((command) => ['-c', command]);
  execFileSync('psql', ['-q', '-X', '-v', 'ON_ERROR_STOP=1', '-d', url, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
