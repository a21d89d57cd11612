import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatTable } from '../../src/cli/terminal/table.ts';
import { createBenchFolder, writeCsv } from './bench-lists.ts';
import { ratioOf, type BenchRatio } from './bench-result.ts';
import { withBenchLedger } from './bench-ledger.ts';
import { programEnvironment, programFlags, runChild, type ChildEnd } from './bench-program.ts';
import { startBenchProvider } from './bench-provider.ts';
import { readCost, type ToldCost } from './cost.ts';
import { median, ROUNDS } from './measure.ts';

const RECORDS = Number(process.env['KONA_BENCH_CALLS'] ?? 20_000);
const ENCRYPTED_RECORDS = RECORDS / 4;
const CONNECTIONS = 64;
/** CPU of program and database together, in microseconds. */
const CPU = 'CPU µs a record';
const MOST_MICROS = 300;
const scriptOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What is measured, by its name. */
type Measured = Readonly<Record<string, () => Promise<ToldCost>>>;

/**
 * Our run without a rate limit, every outcome durable, beside a bare loop that signs and sends the same bodies to the
 * same server and keeps nothing. All of them on one machine: our ledger's server takes its share of the same cores.
 */
export async function benchDispatch(databaseUrl: string): Promise<readonly BenchRatio[]> {
  await using folder = await createBenchFolder();
  await using provider = await startBenchProvider();
  const world: World = { folder: folder.path, databaseUrl, env: provider.env };
  await writeCsv(join(folder.path, 'plain.csv'), RECORDS, 'utf-8');
  await writeCsv(join(folder.path, 'encrypted.csv'), ENCRYPTED_RECORDS, 'utf-8');
  await writeJob(world, 'plain', 'off');
  await writeJob(world, 'encrypted', 'required');
  const costs = await measureInTurns({
    'bare loop': async () => await runBare(world, RECORDS, []),
    ours: async () => await runOnServer(world, 'plain', RECORDS),
    'ours, no memory flags': async () => await runOnServer({ ...world, node: usual }, 'plain', RECORDS),
    'ours, embedded ledger': async () => await runEmbedded(world, 'plain', RECORDS),
    'bare loop, encrypted': async () => await runBare(world, ENCRYPTED_RECORDS, ['encrypted']),
    'ours, encrypted': async () => await runOnServer(world, 'encrypted', ENCRYPTED_RECORDS),
  });
  console.log(
    `${CONNECTIONS} calls in flight, medians of ${ROUNDS}; the provider answers success, nothing else`,
  );
  const speed = [
    compare(costs, 'records/s', 'ours', 'bare loop', 'at least', 0.5),
    compare(costs, 'records/s', 'ours, encrypted', 'bare loop, encrypted', 'at least', 0.75),
    compare(costs, 'records/s', 'ours, embedded ledger', 'ours', 'at least', 0.5),
    compare(costs, CPU, 'ours', 'bare loop', 'at most', null),
    compare(costs, CPU, 'ours, no memory flags', 'bare loop', 'at most', null),
    compare(costs, CPU, 'ours, encrypted', 'bare loop, encrypted', 'at most', null),
  ];
  tellShares(costs);
  console.log(formatTable(['', 'of', 'beside', 'ours', 'theirs', 'ratio', 'target'], speed));
  return speed.map(([what, ours, beside, mine, other]) =>
    ratioOf(`${what}, ${ours} beside ${beside}`, Number(mine), Number(other)),
  );
}

interface World {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  /** How the program's Node is started; default: as an installed one, which keeps its memory small. */
  readonly node?: NodeStart;
}

interface NodeStart {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const installed: NodeStart = { flags: programFlags, env: programEnvironment };
const usual: NodeStart = { flags: [], env: {} };

async function writeJob({ folder }: World, name: string, encryption: 'off' | 'required'): Promise<void> {
  const lines = [
    `job: ${name}`,
    `list: { csv: ${name}.csv }`,
    `provider: { encryption: ${encryption}, name: bench }`,
    `limits: { rate: 1000000/s, concurrency: ${CONNECTIONS}, timeout: 10s }`,
  ];
  await writeFile(join(folder, `${name}.yaml`), `${lines.join('\n')}\n`);
}

/** Each once a round, so that what the machine does meanwhile meets all of them. */
async function measureInTurns(measured: Measured): Promise<ReadonlyMap<string, readonly ToldCost[]>> {
  const costs = new Map<string, ToldCost[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(measured))
      costs.set(name, [...(costs.get(name) ?? []), await run()]);
  }
  return costs;
}

async function runBare(world: World, records: number, more: readonly string[]): Promise<ToldCost> {
  const argv = [scriptOf('bare-loop.ts'), String(records), String(CONNECTIONS), ...more];
  return costOf(await runChild(argv, { cwd: world.folder, env: world.env }), records);
}

async function runOnServer(world: World, job: string, records: number): Promise<ToldCost> {
  return await withBenchLedger(world.databaseUrl, async (url) => await runOurs(world, job, records, url));
}

async function runEmbedded(world: World, job: string, records: number): Promise<ToldCost> {
  const ledger = await mkdtemp(join(world.folder, 'ledger-'));
  try {
    return await runOurs(world, job, records, `embedded:${ledger}`);
  } finally {
    await rm(ledger, { recursive: true });
  }
}

async function runOurs(world: World, job: string, records: number, ledger: string): Promise<ToldCost> {
  const node = world.node ?? installed;
  const argv = [...node.flags, scriptOf('measured-program.ts'), 'run', `${job}.yaml`, '--json', '--quiet'];
  const env = { ...node.env, ...world.env, DATABASE_URL: ledger, KONA_BENCH_RECORDS: String(records) };
  const end = await runChild(argv, { cwd: world.folder, env });
  const summary = end.exitCode === 0 && (JSON.parse(end.stdout) as { classes: { enrolled: number } });
  if (summary === false || summary.classes.enrolled !== records) throw new Error(`run failed: ${end.stderr}`);
  return costOf(end, records);
}

function costOf(end: ChildEnd, records: number): ToldCost {
  const cost = readCost(end.stderr);
  if (cost?.records !== records) throw new Error(`not all of ${records} records were called: ${end.stderr}`);
  return cost;
}

/** The CPU of a record by who takes it; the ledger's server has its part where it is on this machine. */
function tellShares(costs: ReadonlyMap<string, readonly ToldCost[]>): void {
  const rows = [...costs].map(([name, told]) => {
    const program = median(told.map((cost) => microsOf(cost.cpuSeconds, cost)));
    const database = median(told.map((cost) => microsOf(cost.databaseSeconds, cost)));
    const verdict = program + database <= MOST_MICROS ? 'meets' : 'MISSES';
    const target = name === 'ours' ? `${verdict} at most ${MOST_MICROS}` : '';
    return [name, Math.round(program), Math.round(database), Math.round(program + database), target];
  });
  console.log(formatTable(['CPU µs a record', 'program', 'database', 'together', 'target'], rows));
}

function microsOf(seconds: number, { records }: ToldCost): number {
  return (seconds * 1e6) / records;
}

function compare(
  costs: ReadonlyMap<string, readonly ToldCost[]>,
  what: 'records/s' | typeof CPU,
  ours: string,
  theirs: string,
  bound: 'at least' | 'at most',
  target: number | null,
): (string | number)[] {
  const figure = (name: string): number =>
    median(
      (costs.get(name) ?? []).map((cost) =>
        what === 'records/s'
          ? cost.records / cost.seconds
          : microsOf(cost.cpuSeconds + cost.databaseSeconds, cost),
      ),
    );
  const [mine, other] = [figure(ours), figure(theirs)];
  const ratio = mine / other;
  const isMet = bound === 'at least' ? ratio >= (target ?? 0) : ratio <= (target ?? Infinity);
  const verdict = target === null ? '' : `${isMet ? 'meets' : 'MISSES'} ${bound} ${target}`;
  const digits = what === 'records/s' ? 0 : 1;
  return [what, ours, theirs, mine.toFixed(digits), other.toFixed(digits), ratio.toFixed(2), verdict];
}
