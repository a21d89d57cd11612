import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withBenchLedger } from './bench-ledger.ts';
import { createBenchFolder } from './bench-lists.ts';
import { startBenchProvider } from './bench-provider.ts';
import { describeRatio, ratioOf, type BenchRatio } from './bench-result.ts';
import { assertCalls, costOfProgram, writeUnlimitedJob, type BenchWorld } from './whole-run.ts';

const LARGEST = Number(process.env['KONA_BENCH_LARGEST'] ?? 1_000_000);
const TENFOLD = 10;
const MOST = 11;

/** Whole runs with their folders, each of ten times the records of the one before, on both engines. */
export async function benchGrowth(databaseUrl: string): Promise<readonly BenchRatio[]> {
  await using folder = await createBenchFolder();
  await using provider = await startBenchProvider();
  const world = { folder: folder.path, env: provider.env };
  const ratios: BenchRatio[] = [];
  for (const engine of ['server', 'embedded'] as const) {
    let before: number | null = null;
    for (const rows of [LARGEST / TENFOLD / TENFOLD, LARGEST / TENFOLD, LARGEST]) {
      const seconds = await withEmptyLedger(engine, databaseUrl, world, async (ledger) => {
        const cost = await costOfProgram(world, ledger, [
          'run',
          await writeUnlimitedJob(world, rows),
          '--json',
          '--quiet',
        ]);
        assertCalls(cost, rows);
        return cost.seconds;
      });
      if (before !== null) {
        const ratio = ratioOf(`${engine}: seconds of ${rows} records`, seconds, before);
        console.log(describeRatio(ratio, { atMost: MOST }));
        ratios.push(ratio);
      }
      before = seconds;
    }
  }
  return ratios;
}

async function withEmptyLedger<Result>(
  engine: 'server' | 'embedded',
  databaseUrl: string,
  { folder }: BenchWorld,
  work: (ledger: string) => Promise<Result>,
): Promise<Result> {
  if (engine === 'server') return await withBenchLedger(databaseUrl, work);
  const ledger = await mkdtemp(join(folder, 'ledger-'));
  try {
    return await work(`embedded:${ledger}`);
  } finally {
    await rm(ledger, { recursive: true });
  }
}
