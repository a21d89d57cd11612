import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTable } from '../../src/cli/terminal/table.ts';
import { systemClock } from '../../src/cli/system-clock.ts';
import { PermitGate } from '../../src/dispatch/gate/permit-gate.ts';
import { fullestWindow } from '../dispatch/windows.ts';
import { ratioOf, type BenchRatio } from './bench-result.ts';
import { withBenchLedger } from './bench-ledger.ts';
import { createBenchFolder, writeCsv, type BenchFolder } from './bench-lists.ts';
import { buildProgram, installedOn, programFlags, runChild } from './bench-program.ts';
import { startBenchProvider, type BenchProvider } from './bench-provider.ts';

const SECOND = 1_000;
const RATES = { server: [10, 50, 200, 500, 1_000], embedded: [50, 500] };
/** Windows a rate is held for. */
const WINDOWS = 6;
/** In per cent, of a rate up to 200/s and above it. */
const LEAST_USED = { server: [97, 95], embedded: [93, 93] } as const;
/** A part of a second that shows whether calls are spread. */
const TENTH = 100;
/** Of a rate, when random answers are 500. */
const FAULTS = {
  rate: 50,
  windows: 12,
  measured: 10,
  shares: [0.01, 0.02, 0.03],
  leastUsed: 95,
  many: 0.2,
  from: 4,
  to: 5,
};
const LIMITER_AT = 200;
/** Calls in flight. */
const SLOTS = 16;
const MOST_OF_A_CORE = 5;

/** Whole runs at a rate: the fullest second and 100 ms counted where the calls arrive, and how much of the rate they use. */
export async function benchRate(databaseUrl: string): Promise<readonly BenchRatio[]> {
  await using folder = await createBenchFolder();
  const ratios: BenchRatio[] = [];
  {
    await using provider = await startBenchProvider();
    ratios.push(...(await benchRates(databaseUrl, { folder, provider })));
  }
  await benchFaults(databaseUrl, folder);
  const cpu = await limiterCpu();
  console.log(
    `limiter at ${LIMITER_AT}/s: ${cpu.toFixed(1)} % of a core, ${cpu <= MOST_OF_A_CORE ? 'meets' : 'MISSES'} ${MOST_OF_A_CORE}`,
  );
  return ratios;
}

async function benchRates(databaseUrl: string, world: World): Promise<readonly BenchRatio[]> {
  const ratios: BenchRatio[] = [];
  const rows: (string | number)[][] = [];
  for (const ledger of ['server', 'embedded'] as const) {
    for (const rate of RATES[ledger]) {
      const arrived = await withBenchLedger(databaseUrl, async (url) => {
        const address = ledger === 'server' ? url : `embedded:${join(world.folder.path, `ledger-${rate}`)}`;
        return await callAt(rate, address, world);
      });
      const { fullest, left, used, tenth } = arrived;
      const least = LEAST_USED[ledger][rate <= 200 ? 0 : 1];
      const mostTenth = (1.5 * rate * TENTH) / SECOND + 2;
      const isMet = fullest <= 100 && used >= least && tenth <= mostTenth;
      ratios.push(
        ratioOf(`per cent of ${rate}/s used, ${ledger}`, used, 100),
        ratioOf(`per cent of ${rate}/s in the fullest second, ${ledger}`, fullest, 100),
      );
      rows.push([
        ledger,
        `${rate}/s`,
        fullest.toFixed(1),
        left.toFixed(1),
        `${tenth} of ${mostTenth}`,
        used.toFixed(1),
        `${isMet ? 'meets' : 'MISSES'} 100, ${mostTenth}, ${least}`,
      ]);
    }
  }
  const heading = [
    'ledger',
    'rate',
    'fullest second, %',
    'as they left, %',
    'fullest 100 ms',
    'used, %',
    'target',
  ];
  console.log(formatTable(heading, rows));
  return ratios;
}

/** How much of a rate is used where some answers are 500 by chance, and how soon it is halved where many are. */
async function benchFaults(databaseUrl: string, folder: BenchFolder): Promise<void> {
  const { rate, windows, measured, shares, leastUsed, many, from, to } = FAULTS;
  for (const share of [...shares, many]) {
    await using provider = await startBenchProvider(share);
    const arrivals = await withBenchLedger(
      databaseUrl,
      async (url) => await arrivalsAt(rate, url, { folder, provider }, rate * windows),
    );
    const [first = 0] = arrivals;
    const words = `${(100 * share).toFixed(0)} % of 500 at ${rate}/s:`;
    if (share === many) {
      const late = arrivals.filter((at) => at - first >= from * SECOND && at - first < to * SECOND).length;
      const isMet = late < (rate * (to - from)) / 2;
      console.log(`${words} ${late} calls in the fifth second, ${isMet ? 'meets' : 'MISSES'} half`);
    } else {
      // While there are records that were never called: those that come again wait for their own time.
      const calls = arrivals.filter((at) => at - first < measured * SECOND).length;
      const used = (100 * calls) / (rate * measured);
      const isMet = used >= leastUsed;
      console.log(`${words} ${used.toFixed(1)} % used, ${isMet ? 'meets' : 'MISSES'} ${leastUsed}`);
    }
  }
}

interface World {
  readonly folder: BenchFolder;
  readonly provider: BenchProvider;
}

async function callAt(rate: number, ledger: string, world: World) {
  const calls = rate * WINDOWS + 1;
  let left = 0;
  const arrivals = await arrivalsAt(rate, ledger, world, calls, (fullest) => {
    // Beside it by our own clock: where a server too busy to read its sockets shows more, it was the server.
    left = (100 * fullest) / rate;
  });
  if (arrivals.length !== calls) throw new Error(`${arrivals.length} of ${calls} calls arrived`);
  return {
    left,
    fullest: (100 * fullestWindow(arrivals, SECOND)) / rate,
    tenth: fullestWindow(arrivals, TENTH),
    used: (100 * WINDOWS * SECOND) / ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)),
  };
}

/** When the calls of a run over so many records arrived; `told` hears how many left in its fullest window. */
async function arrivalsAt(
  rate: number,
  ledger: string,
  { folder, provider }: World,
  records: number,
  told: (fullestWindow: number) => void = () => undefined,
): Promise<readonly number[]> {
  await writeCsv(join(folder.path, 'list.csv'), records, 'utf-8');
  await writeFile(
    join(folder.path, 'job.yaml'),
    [
      'job: rate',
      'list: { csv: list.csv }',
      'provider: { encryption: off, name: bench }',
      `limits: { rate: ${rate}/s, concurrency: ${SLOTS}, timeout: 10s }`,
      'guards: { canary: 0, maxFailures: 100% }',
      '',
    ].join('\n'),
  );
  await provider.takeArrivals();
  const end = await runChild(
    [...programFlags, buildProgram(), 'run', 'job.yaml', '--json', '--quiet', '--yes'],
    {
      cwd: folder.path,
      env: installedOn(ledger, provider.env),
    },
  );
  // 4: by chance a record was answered by nothing but 500.
  if (end.exitCode !== 0 && end.exitCode !== 4)
    throw new Error(`a run at ${rate}/s failed: ${end.stderr}${end.stdout}`);
  const summary = JSON.parse(end.stdout) as { rate: { fullestWindow: number } };
  told(summary.rate.fullestWindow);
  return await provider.takeArrivals();
}

/**
 * CPU of the gate and what it wakes for, in per cent of a core, without a call behind its permits. The first windows,
 * in which V8 compiles it, are left out.
 */
async function limiterCpu(): Promise<number> {
  const gate = new PermitGate([{ count: LIMITER_AT, windowMs: SECOND }], systemClock, { adaptive: true });
  await usePermits(gate, WINDOWS * SECOND);
  const began = performance.now();
  const before = process.cpuUsage();
  await usePermits(gate, WINDOWS * SECOND);
  const { user, system } = process.cpuUsage(before);
  const spent = (user + system) / 1_000;
  const elapsed = performance.now() - began;
  await gate.close();
  return (100 * spent) / elapsed;
}

async function usePermits(gate: PermitGate, milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  const never = new AbortController().signal;
  const useOneByOne = async (): Promise<void> => {
    while (performance.now() < until) {
      const permit = await gate.take(never);
      permit?.left();
      permit?.finish('sound');
    }
  };
  await Promise.all(Array.from({ length: SLOTS }, useOneByOne));
}
