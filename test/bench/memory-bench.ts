import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { formatTable } from '../../src/cli/table.ts';
import { createBenchFolder, writeCsv, writeWorkbook } from './bench-lists.ts';

const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));
/** Those of an installed program. */
const flags = /^#!\S+ -S node (.*)$/m.exec(readFileSync(bin, 'utf8'))?.[1]?.split(' ') ?? [];
const preload = new URL('peak-memory.ts', import.meta.url).href;
const MOST_GROWTH_MIB = 50;

/** Peak memory of `plan`, which reads, stages and classifies the whole list, for a small list and for a large one. */
export async function benchMemory(databaseUrl: string): Promise<void> {
  await using folder = await createBenchFolder();
  const at = (name: string): string => join(folder.path, name);
  const csv = async (rows: number): Promise<string> => await writeCsv(at(`${rows}.csv`), rows, 'utf-8');
  const xlsx = async (rows: number): Promise<string> => await writeWorkbook(at(`${rows}.xlsx`), rows);
  const compared = [
    { what: 'CSV', make: csv, small: 10_000, large: 1_000_000 },
    { what: 'xlsx', make: xlsx, small: 10_000, large: 200_000 },
  ];
  const rows: (string | number)[][] = [];
  for (const { what, make, small, large } of compared) {
    const before = await peakOfPlan(databaseUrl, folder.path, await make(small), small);
    const after = await peakOfPlan(databaseUrl, folder.path, await make(large), large);
    const growth = after - before;
    const verdict = `${growth <= MOST_GROWTH_MIB ? 'meets' : 'MISSES'} ${MOST_GROWTH_MIB}`;
    rows.push([what, `${small}: ${before} MiB`, `${large}: ${after} MiB`, growth, verdict]);
  }
  console.log(formatTable(['plan', 'small list', 'large list', 'MiB more', 'target'], rows));
}

async function peakOfPlan(databaseUrl: string, cwd: string, list: string, rows: number): Promise<number> {
  const schema = `b_${randomBytes(4).toString('hex')}`;
  await runSql(databaseUrl, `create schema ${schema}`);
  const url = new URL(databaseUrl);
  url.searchParams.set('options', `-c search_path=${schema}`);
  const end = spawnSync(process.execPath, [...flags, '--import', preload, bin, 'plan', list, '--json'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', KONA_BASE_URL: 'sandbox', DATABASE_URL: url.href },
    encoding: 'utf8',
  });
  await runSql(databaseUrl, `drop schema ${schema} cascade`);
  const peak = /\npeak (\d+)\n$/.exec(end.stderr)?.[1];
  const planned = end.status === 0 && (JSON.parse(end.stdout) as { due: number }).due;
  if (peak === undefined || planned !== rows) throw new Error(`plan failed: ${end.stderr}`);
  return Math.round(Number(peak) / 1024);
}

async function runSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
