import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTable } from '../../src/cli/terminal/table.ts';
import { withBenchLedger } from './bench-ledger.ts';
import { createBenchFolder, writeCsv, writeWorkbook } from './bench-lists.ts';
import { bin, programFlags, runChild } from './bench-program.ts';
import { startBenchProvider } from './bench-provider.ts';

const preload = new URL('peak-memory.ts', import.meta.url).href;
const MOST_GROWTH_MIB = 50;
const MOST_MIB = 200;

interface World {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What is started on a list of so many rows, and how many of them it says it has dealt with. */
interface Work {
  readonly what: string;
  /** Writes the list and what else is needed; the program's arguments. */
  prepare(rows: number): Promise<readonly string[]>;
  readCount(stdout: string): number;
  readonly small: number;
  readonly large: number;
}

/** Peak memory for a small list and for a large one: of `plan`, which reads, stages and classifies, and of whole runs. */
export async function benchMemory(databaseUrl: string): Promise<void> {
  await using folder = await createBenchFolder();
  await using provider = await startBenchProvider();
  const world: World = { databaseUrl, folder: folder.path, env: provider.env };
  const rows: (string | number)[][] = [];
  for (const work of worksOf(folder.path)) {
    const before = await peakOf(world, work, work.small);
    const after = await peakOf(world, work, work.large);
    const growth = after - before;
    const isMet = growth <= MOST_GROWTH_MIB && after <= MOST_MIB;
    rows.push([
      work.what,
      `${work.small}: ${before} MiB`,
      `${work.large}: ${after} MiB`,
      growth,
      (after / before).toFixed(2),
      `${isMet ? 'meets' : 'MISSES'} ${MOST_GROWTH_MIB} more, ${MOST_MIB} in all`,
    ]);
  }
  console.log(formatTable(['peak', 'small list', 'large list', 'MiB more', 'ratio', 'target'], rows));
}

function worksOf(folder: string): readonly Work[] {
  const at = (name: string): string => join(folder, name);
  const due = (stdout: string): number => (JSON.parse(stdout) as { due: number }).due;
  const enrolled = (stdout: string): number =>
    (JSON.parse(stdout) as { classes: { enrolled: number } }).classes.enrolled;
  return [
    {
      what: 'plan, CSV',
      prepare: async (rows) => ['plan', await writeCsv(at(`${rows}.csv`), rows, 'utf-8'), '--json'],
      readCount: due,
      small: 10_000,
      large: 1_000_000,
    },
    {
      what: 'plan, xlsx',
      prepare: async (rows) => ['plan', await writeWorkbook(at(`${rows}.xlsx`), rows), '--json'],
      readCount: due,
      small: 10_000,
      large: 200_000,
    },
    {
      what: 'whole run, every row called',
      prepare: async (rows) => {
        await writeCsv(at('list.csv'), rows, 'utf-8');
        await writeFile(at('job.yaml'), `${unlimitedJob.join('\n')}\n`);
        return ['run', 'job.yaml', '--json', '--quiet'];
      },
      readCount: enrolled,
      small: 10_000,
      large: 200_000,
    },
  ];
}

const unlimitedJob = [
  'job: memory',
  'list: { csv: list.csv }',
  'provider: { encryption: off, name: bench }',
  'limits: { rate: 1000000/s, concurrency: 64, timeout: 10s }',
];

async function peakOf({ databaseUrl, folder, env }: World, work: Work, rows: number): Promise<number> {
  const argv = await work.prepare(rows);
  return await withBenchLedger(databaseUrl, async (url) => {
    const end = await runChild([...programFlags, '--import', preload, bin, ...argv], {
      cwd: folder,
      env: { ...env, DATABASE_URL: url },
    });
    const peak = /\npeak (\d+)\n$/.exec(end.stderr)?.[1];
    if (peak === undefined || end.exitCode !== 0 || work.readCount(end.stdout) !== rows) {
      throw new Error(`${work.what} failed: ${end.stderr}`);
    }
    return Math.round(Number(peak) / 1024);
  });
}
