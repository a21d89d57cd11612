import { join } from 'node:path';
import { withBenchLedger } from './bench-ledger.ts';
import { createBenchFolder } from './bench-lists.ts';
import { startBenchProvider } from './bench-provider.ts';
import { describeRatio, ratioOf, type BenchRatio } from './bench-result.ts';
import { assertCalls, costOfProgram, writeUnlimitedJob } from './whole-run.ts';

const ROWS = Number(process.env['KONA_BENCH_ROWS'] ?? 1_000_000);
const MOST = 1.2;

/** A finished list again, with its folder and without a call, beside the same list read, staged and planned alone. */
export async function benchRerun(databaseUrl: string): Promise<readonly BenchRatio[]> {
  await using folder = await createBenchFolder();
  await using provider = await startBenchProvider();
  const world = { folder: folder.path, env: provider.env };
  const job = await writeUnlimitedJob(world, ROWS);
  const list = join(folder.path, `${ROWS}.csv`);
  return await withBenchLedger(databaseUrl, async (url) => {
    const intake = await costOfProgram(world, url, ['plan', list, '--json']);
    const run = ['run', job, '--json', '--quiet'];
    assertCalls(await costOfProgram(world, url, run), ROWS);
    const again = await costOfProgram(world, url, run);
    assertCalls(again, 0);
    const ratio = ratioOf(`a finished list of ${ROWS} again, in seconds`, again.seconds, intake.seconds);
    const cpu = ratioOf('the same in CPU seconds of the program', again.cpuSeconds, intake.cpuSeconds);
    console.log(describeRatio(ratio, { atMost: MOST }));
    console.log(describeRatio(cpu, null));
    return [ratio, cpu];
  });
}
