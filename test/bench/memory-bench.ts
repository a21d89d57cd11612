import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withBenchLedger } from './bench-ledger.ts';
import { createBenchFolder, memberRow, writeCsv, writeRows, writeWorkbook } from './bench-lists.ts';
import { describeRatio, ratioOf, type BenchRatio } from './bench-result.ts';
import { buildProgram, costPreload, installedOn, programFlags, runChild } from './bench-program.ts';
import { startBenchProvider } from './bench-provider.ts';

const MOST_GROWTH_MIB = 40;
const MOST_MIB = 200;

interface World {
  readonly bin: string;
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

/** Peak memory of the built program for a small list and for a large one: of `plan`, which reads, stages and classifies, and of whole runs. */
export async function benchMemory(databaseUrl: string): Promise<readonly BenchRatio[]> {
  await using folder = await createBenchFolder();
  await using provider = await startBenchProvider();
  const world: World = { bin: buildProgram(), databaseUrl, folder: folder.path, env: provider.env };
  const ratios: BenchRatio[] = [];
  for (const work of worksOf(folder.path)) {
    const before = await peakOf(world, work, work.small);
    const after = await peakOf(world, work, work.large);
    const growth = after - before;
    const ratio = ratioOf(`peak MiB of ${work.what}, ${work.large} rows`, after, before);
    const isMet = growth <= MOST_GROWTH_MIB && after <= MOST_MIB;
    // A list of a million rows takes minutes, so each figure is told at once.
    console.log(
      `${describeRatio(ratio, null)}, ${growth} more, ${isMet ? 'meets' : 'MISSES'} ${MOST_GROWTH_MIB} more, ${MOST_MIB} in all`,
    );
    ratios.push(ratio);
  }
  return ratios;
}

const LARGE = Number(process.env['KONA_BENCH_ROWS'] ?? 1_000_000);
const MOST_SMALL = 10_000;
const SMALL = Math.min(MOST_SMALL, LARGE / 10);
/** A workbook holds no more than 1,048,576 rows, and takes long to make. */
const LARGE_WORKBOOK = LARGE / 5;
const WIDE_COLUMNS = 5_000;
const WIDE_ROWS = LARGE / 1_000;

function worksOf(folder: string): readonly Work[] {
  const at = (name: string): string => join(folder, name);
  const due = (stdout: string): number => (JSON.parse(stdout) as { due: number }).due;
  const rowsRead = (stdout: string): number =>
    (JSON.parse(stdout) as { list: { rowsRead: number } }).list.rowsRead;
  /** A whole run with its folder; each row as `rowOf` makes it. */
  const wholeRun = (what: string, rowOf: (number: number) => readonly string[], columns = 3): Work => ({
    what: `whole run, ${what}`,
    prepare: async (rows) => {
      await writeRows(at('list.csv'), rows, { columns, rowOf });
      await writeFile(at('job.yaml'), `${unlimitedJob.join('\n')}\n`);
      return ['run', 'job.yaml', '--json', '--quiet', '--yes', '--allow-failures'];
    },
    readCount: rowsRead,
    small: SMALL,
    large: LARGE,
  });
  const wide = wholeRun(
    `${WIDE_COLUMNS} columns`,
    (number) => [
      ...memberRow(number).slice(0, 2),
      ...Array.from({ length: WIDE_COLUMNS - 2 }, () => String(number)),
    ],
    WIDE_COLUMNS,
  );
  return [
    {
      what: 'plan, CSV',
      prepare: async (rows) => ['plan', await writeCsv(at(`${rows}.csv`), rows, 'utf-8'), '--json'],
      readCount: due,
      small: SMALL,
      large: LARGE,
    },
    {
      what: 'plan, xlsx',
      prepare: async (rows) => ['plan', await writeWorkbook(at(`${rows}.xlsx`), rows), '--json'],
      readCount: due,
      small: SMALL,
      large: LARGE_WORKBOOK,
    },
    wholeRun('every row called', memberRow),
    wholeRun('all rejected', (number) => [memberRow(number)[0], `PAR?${number}`, 'x']),
    wholeRun('all duplicates', () => memberRow(1)),
    wholeRun('all disputed', (number) => [memberRow(number)[0], memberRow(number >> 1)[1], 'x']),
    { ...wide, small: Math.ceil(WIDE_ROWS / 10), large: WIDE_ROWS },
  ];
}

const unlimitedJob = [
  'job: memory',
  'list: { csv: list.csv, cardsPerMember: 1000000 }',
  'provider: { encryption: off, name: bench }',
  'limits: { rate: 1000000/s, concurrency: 64, timeout: 10s }',
];

async function peakOf({ bin, databaseUrl, folder, env }: World, work: Work, rows: number): Promise<number> {
  const argv = await work.prepare(rows);
  return await withBenchLedger(databaseUrl, async (url) => {
    const end = await runChild([...programFlags, '--import', costPreload, bin, ...argv], {
      cwd: folder,
      env: installedOn(url, env),
    });
    const peak = /\npeak (\d+) cpu \d+\n$/.exec(end.stderr)?.[1];
    if (peak === undefined || end.exitCode !== 0 || work.readCount(end.stdout) !== rows) {
      throw new Error(`${work.what} failed: ${end.stderr}`);
    }
    return Math.round(Number(peak) / 1024);
  });
}
