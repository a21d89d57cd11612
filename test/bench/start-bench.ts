import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withBenchLedger } from './bench-ledger.ts';
import { createBenchFolder } from './bench-lists.ts';
import { buildProgram, costPreload, runChild } from './bench-program.ts';
import { describeRatio, ratioOf, type BenchRatio } from './bench-result.ts';
import { median } from './measure.ts';

const ROUNDS = 5;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** CPU in milliseconds of what is started often, by the built program, beside a Node that does nothing. */
export async function benchStart(databaseUrl: string): Promise<readonly BenchRatio[]> {
  const bin = buildProgram();
  await using folder = await createBenchFolder();
  for (const name of ['jobs', 'samples'])
    await cp(join(root, name), join(folder.path, name), { recursive: true });
  return await withBenchLedger(databaseUrl, async (url) => {
    const server = { DATABASE_URL: url };
    let empty = 0;
    const bare = await cpuOf(folder.path, ['--eval', '0'], () => ({}));
    const works = [
      { of: '--help', most: 120, argv: ['--help'], env: () => server },
      { of: 'status on a server', most: 250, argv: ['status'], env: () => server },
      {
        of: 'first start of an embedded ledger',
        most: 3_000,
        argv: ['status'],
        env: () => ({ DATABASE_URL: `embedded:${join(folder.path, `ledger-${(empty += 1)}`)}` }),
      },
      {
        of: 'the sample’s run',
        most: 6_000,
        argv: ['run', 'jobs/demo.yaml', '--allow-failures', '--quiet'],
        env: () => ({ DATABASE_URL: `embedded:${join(folder.path, `ledger-${(empty += 1)}`)}` }),
      },
    ];
    const ratios: BenchRatio[] = [];
    for (const { of, most, argv, env } of works) {
      const ours = await cpuOf(folder.path, [bin, ...argv], env);
      const ratio = ratioOf(`CPU ms of ${of}, beside a bare Node`, ours, bare);
      console.log(`${describeRatio(ratio, null)}, ${ours <= most ? 'meets' : 'MISSES'} ${most} ms`);
      ratios.push(ratio);
    }
    return ratios;
  });
}

async function cpuOf(
  cwd: string,
  argv: readonly string[],
  env: () => Readonly<Record<string, string>>,
): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { stderr } = await runChild(['--import', costPreload, ...argv], { cwd, env: env() });
    const cpu = / cpu (\d+)\n$/.exec(stderr)?.[1];
    if (cpu === undefined) throw new Error(`a start failed: ${stderr}`);
    taken.push(Number(cpu));
  }
  return median(taken);
}
