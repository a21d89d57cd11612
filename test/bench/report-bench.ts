import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatTable } from '../../src/cli/terminal/table.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { countClasses } from '../../src/ledger/runs/list-row-table.ts';
import { readRowExtent } from '../../src/ledger/runs/reported-rows.ts';
import { createRun, noteRunEnd, readRun } from '../../src/ledger/runs/run-table.ts';
import { keepNightDifference } from '../../src/ledger/proofs/night-difference.ts';
import { layOutResults } from '../../src/report/csv/result-layout.ts';
import { writeResultFiles } from '../../src/report/csv/result-files.ts';
import { UnfinishedFile } from '../../src/report/folder/unfinished-file.ts';
import type { BenchRatio } from './bench-result.ts';
import { withBenchLedger } from './bench-ledger.ts';
import { createBenchFolder } from './bench-lists.ts';
import { programEnvironment, programFlags, runChild } from './bench-program.ts';
import { measure, printRatios } from './measure.ts';

const ROWS = Number(process.env['KONA_BENCH_ROWS'] ?? 200_000);
const TARGET = 0.4;
const MOST_MIB = 200;
const child = fileURLToPath(new URL('report-child.ts', import.meta.url));

/** results.csv and its four parts beside `\copy … to` of the same rows; then the whole folder, and its peak memory. */
export async function benchReport(databaseUrl: string): Promise<readonly BenchRatio[]> {
  await using folder = await createBenchFolder();
  const ratios = await withBenchLedger(databaseUrl, async (url) => {
    const runNo = await plantRun(url, ROWS, 'n % 10 = 0');
    const ledger = await openLedger({ kind: 'server', url });
    try {
      const copied = `\\copy (select array_to_string(cells, ','), line, class, code, message, class, attempts, http_status, correlation_id, first_attempt_at, last_attempt_at, '' from list_row where run_no = ${runNo} order by row_no) to ${join(folder.path, 'copied.csv')} with (format csv)`;
      const rates = await measure([
        { name: 'copy', rows: ROWS, run: async () => psql(url, [copied]) },
        {
          name: 'five',
          rows: ROWS,
          run: async () => await writeFive({ ledger, runNo, folder: folder.path }),
        },
        {
          name: 'folder',
          rows: ROWS,
          run: async () => void (await writeWhole(url, runNo, join(folder.path, 'runs'))),
        },
      ]);
      return printRatios(rates, [
        {
          what: 'results.csv and its four parts, beside \\copy to',
          ours: 'five',
          theirs: 'copy',
          target: TARGET,
        },
        {
          what: 'whole run folder by a process of its own, beside \\copy to',
          ours: 'folder',
          theirs: 'copy',
          target: 0.15,
        },
      ]);
    } finally {
      await ledger.close();
    }
  });
  const rows: (string | number)[][] = [];
  const usual = { what: 'one row in ten failed', isFailed: 'n % 10 = 0' };
  const worst = { what: 'every row failed', isFailed: 'true' };
  const otherThanLastNight = {
    what: 'every row newly failed, a third with its nights used up',
    isSecond: true,
  };
  for (const count of [ROWS, ROWS * 5]) rows.push(await peakOf(databaseUrl, { ...usual, count }));
  for (const count of [ROWS / 5, ROWS]) rows.push(await peakOf(databaseUrl, { ...worst, count }));
  rows.push(await peakOf(databaseUrl, { ...worst, ...otherThanLastNight, count: ROWS }));
  console.log(formatTable(['run folder', 'rows', 'rows/s', 'peak MiB', 'target'], rows));
  return ratios;
}

interface Peak {
  readonly what: string;
  readonly isFailed: string;
  readonly count: number;
  /** The night before everybody on the list was enrolled. */
  readonly isSecond?: boolean;
}

async function peakOf(
  databaseUrl: string,
  { what, isFailed, count, isSecond = false }: Peak,
): Promise<(string | number)[]> {
  await using folder = await createBenchFolder();
  return await withBenchLedger(databaseUrl, async (url) => {
    if (isSecond) await plantRun(url, count, 'false', '2026-11-21');
    const runNo = await plantRun(url, count, isFailed);
    if (isSecond) await compareNights(url, runNo, count);
    const { seconds, peakMiB } = await writeWhole(url, runNo, folder.path);
    const verdict = `${peakMiB <= MOST_MIB ? 'meets' : 'MISSES'} ${MOST_MIB}`;
    return [what, count, Math.round(count / seconds), peakMiB, verdict];
  });
}

/** As the end of a run does; records that come again have had all their nights. */
async function compareNights(url: string, runNo: number, count: number): Promise<void> {
  const ledger = await openLedger({ kind: 'server', url });
  try {
    await ledger.query(`update list_row set nights = 14 where run_no = $1 and class = 'action_required'`, [
      runNo,
    ]);
    await ledger.query(`update run set state = 'complete'`, []);
    const { newlyFailing } = await keepNightDifference(ledger, await readRun(ledger, runNo), 'Asia/Seoul');
    if (newlyFailing !== count) throw new Error(`${newlyFailing} newly failing of ${count}`);
  } finally {
    await ledger.close();
  }
}

async function writeWhole(
  url: string,
  runNo: number,
  reportsDirectory: string,
): Promise<{ readonly seconds: number; readonly peakMiB: number }> {
  const argv = [...programFlags, child, url, String(runNo), reportsDirectory];
  const end = await runChild(argv, { cwd: process.cwd(), env: programEnvironment });
  if (end.exitCode !== 0) throw new Error(`the run folder failed: ${end.stderr}`);
  return JSON.parse(end.stdout) as { readonly seconds: number; readonly peakMiB: number };
}

async function writeFive(options: {
  readonly ledger: Awaited<ReturnType<typeof openLedger>>;
  readonly runNo: number;
  readonly folder: string;
}): Promise<void> {
  const { ledger, runNo, folder } = options;
  const run = await readRun(ledger, runNo);
  const [classes, { lastRowNo, mostCells }] = await Promise.all([
    countClasses(ledger, runNo),
    readRowExtent(ledger, runNo),
  ]);
  const create = async (name: string): Promise<UnfinishedFile> => await UnfinishedFile.create(folder, name);
  const files = {
    results: await create('results.csv'),
    succeeded: await create('succeeded.csv'),
    failed: await create('failed.csv'),
    unprocessed: await create('unprocessed.csv'),
    rejected: await create('rejected.csv'),
  };
  const layout = layOutResults(run.header, mostCells, run.id);
  const more = { nightsLimit: 14, language: 'ko', folder, views: [] } as const;
  await writeResultFiles(files, { ledger, runNo, classes, lastRowNo, layout, ...more });
  for (const file of Object.values(files)) await file.finish();
  for (const file of Object.values(files)) await file.discard();
}

/** A run that came to its end, its rows as calls leave them; `isFailed`: which of them, by their number n. */
async function plantRun(url: string, rows: number, isFailed: string, night = '2026-11-22'): Promise<number> {
  const ledger = await openLedger({ kind: 'server', url });
  try {
    const run = await createRun(ledger, {
      id: `${night.replaceAll('-', '')}T160000Z-bench-0a1b`,
      job: 'bench',
      provider: 'bench',
      kind: 'list',
      night,
      listName: 'bench.csv',
      content: 'bench',
      again: false,
      settings: {},
      startedAt: new Date('2026-11-22T16:00:00Z'),
    });
    await ledger.query(
      `update run set header = '{회원번호,카드토큰,이름}', user_id_column = 0, par_column = 1, rows_read = $2 where run_no = $1`,
      [run.run_no, rows],
    );
    await ledger.query(
      `insert into list_row (run_no, row_no, line, cells, user_id, par, class, settled, code, message, http_status,
                             correlation_id, attempts, first_attempt_at, last_attempt_at, nights)
       select $1, n, n + 1, array[id, par, '김민수'], id, par, class, true,
              case class when 'enrolled' then '000_000' when 'action_required' then '007_015' when 'bad_data' then '001_003' else '123_456' end,
              'Message of the provider.', case class when 'enrolled' then 200 else 400 end, '261123010000-' || lpad(to_hex(n), 7, '0'),
              1, '2026-11-22T16:00:01Z', '2026-11-22T16:00:02Z', 1
       from (select n, (1000000000000000000 + n)::text as id, 'PAR' || lpad(n::text, 24, '0') as par,
                    case when not (${isFailed}) then 'enrolled' else (array['action_required', 'bad_data', 'unknown_code'])[n % 3 + 1] end as class
             from generate_series(1, $2::integer) n) as planted`,
      [run.run_no, rows],
    );
    await noteRunEnd(ledger, run.run_no, {
      exitCode: 3,
      exitCause: 'not_enrolled',
      reason: 'complete; some rows not enrolled',
      finishedAt: new Date('2026-11-22T17:00:00Z'),
    });
    await ledger.query('analyze list_row');
    return run.run_no;
  } finally {
    await ledger.close();
  }
}

function psql(url: string, commands: readonly string[]): void {
  const words = commands.flatMap((command) => ['-c', command]);
  execFileSync('psql', ['-q', '-X', '-v', 'ON_ERROR_STOP=1', '-d', url.replace('+', '%20'), ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
