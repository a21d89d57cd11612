import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTable } from '../../src/cli/terminal/table.ts';
import { systemClock } from '../../src/cli/system-clock.ts';
import { PermitGate } from '../../src/dispatch/gate/permit-gate.ts';
import { fullestWindow } from '../dispatch/windows.ts';
import { withBenchLedger } from './bench-ledger.ts';
import { createBenchFolder, writeCsv, type BenchFolder } from './bench-lists.ts';
import { bin, programFlags, runChild } from './bench-program.ts';
import { startBenchProvider, type BenchProvider } from './bench-provider.ts';

const SECOND = 1_000;
const RATES = { server: [10, 50, 200, 500, 1_000], embedded: [50, 500] };
/** Windows a rate is held for: the first calls leave at once, and each window after them is measured. */
const WINDOWS = 6;
const LEAST_USED = { server: 98, embedded: 95 };
const LIMITER_AT = 200;
const MOST_OF_A_CORE = 5;

/** Whole runs at a rate: the fullest second counted where the calls arrive, and how much of the rate they use. */
export async function benchRate(databaseUrl: string): Promise<void> {
  await using folder = await createBenchFolder();
  await using provider = await startBenchProvider();
  const rows: (string | number)[][] = [];
  for (const ledger of ['server', 'embedded'] as const) {
    for (const rate of RATES[ledger]) {
      const { fullest, left, used } = await withBenchLedger(databaseUrl, async (url) => {
        const address = ledger === 'server' ? url : `embedded:${join(folder.path, `ledger-${rate}`)}`;
        return await callAt(rate, address, { folder, provider });
      });
      const least = LEAST_USED[ledger];
      const verdict = fullest <= 100 && used >= least ? 'meets' : 'MISSES';
      rows.push([
        ledger,
        `${rate}/s`,
        fullest.toFixed(1),
        left.toFixed(1),
        used.toFixed(1),
        `${verdict} 100, ${least}`,
      ]);
    }
  }
  console.log(
    formatTable(['ledger', 'rate', 'fullest second, %', 'as they left, %', 'used, %', 'target'], rows),
  );
  const cpu = await limiterCpu();
  console.log(
    `limiter at ${LIMITER_AT}/s: ${cpu.toFixed(1)} % of a core, ${cpu <= MOST_OF_A_CORE ? 'meets' : 'MISSES'} ${MOST_OF_A_CORE}`,
  );
}

interface World {
  readonly folder: BenchFolder;
  readonly provider: BenchProvider;
}

async function callAt(rate: number, ledger: string, { folder, provider }: World) {
  const calls = rate * WINDOWS + 1;
  await writeCsv(join(folder.path, 'list.csv'), calls, 'utf-8');
  await writeFile(
    join(folder.path, 'job.yaml'),
    [
      'job: rate',
      'list: { csv: list.csv }',
      'provider: { encryption: off, name: bench }',
      `limits: { rate: ${rate}/s, concurrency: 16, timeout: 10s }`,
      '',
    ].join('\n'),
  );
  await provider.takeArrivals();
  const end = await runChild([...programFlags, bin, 'run', 'job.yaml', '--json', '--quiet', '--yes'], {
    cwd: folder.path,
    env: { ...provider.env, DATABASE_URL: ledger },
  });
  if (end.exitCode !== 0) throw new Error(`a run at ${rate}/s failed: ${end.stderr}${end.stdout}`);
  const arrivals = await provider.takeArrivals();
  if (arrivals.length !== calls) throw new Error(`${arrivals.length} of ${calls} calls arrived`);
  const summary = JSON.parse(end.stdout) as { rate: { fullestWindow: number } };
  return {
    // Beside it by our own clock: where a server too busy to read its sockets shows more, it was the server.
    left: (100 * summary.rate.fullestWindow) / rate,
    fullest: (100 * fullestWindow(arrivals, SECOND)) / rate,
    // A permit is used again a window after it was used, at best.
    used: (100 * WINDOWS * SECOND) / ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)),
  };
}

/** Of the gate and what it wakes for, without a call behind its permits. */
async function limiterCpu(): Promise<number> {
  const gate = new PermitGate([{ count: LIMITER_AT, windowMs: SECOND }], systemClock, { adaptive: true });
  const never = new AbortController().signal;
  const began = performance.now();
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (performance.now() - began < WINDOWS * SECOND) {
        const permit = await gate.take(never);
        permit?.left();
        permit?.finish('sound');
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  const spent = (user + system) / 1_000;
  const elapsed = performance.now() - began;
  await gate.close();
  return (100 * spent) / elapsed;
}
