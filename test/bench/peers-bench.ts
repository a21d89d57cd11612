import { join } from 'node:path';
import { formatTable } from '../../src/cli/terminal/table.ts';
import { runSql } from '../support/run-sql.ts';
import { withBenchLedger } from './bench-ledger.ts';
import { createBenchFolder } from './bench-lists.ts';
import { startBenchProvider, type BenchProvider } from './bench-provider.ts';
import { ratioOf, describeRatio, type Aim, type BenchRatio } from './bench-result.ts';
import { databaseCpu } from './database-cpu.ts';
import { killHalfway, runMeasured, type PeerCost } from './peer-process.ts';
import { peers, type Peer, type PeerWorld } from './peers.ts';

const RECORDS = Number(process.env['KONA_BENCH_CALLS'] ?? 20_000);
/** Records a second of ours beside theirs. */
const aims: Readonly<Record<string, Aim>> = {
  'parallel + curl': { atLeast: 80 },
  'plain script': { atLeast: 4 },
  newman: { atLeast: 100 },
};

interface Measured {
  readonly peer: Peer;
  readonly cost: PeerCost;
  readonly perSecond: number;
  /** Program and database together, in microseconds; the program alone where the database is elsewhere. */
  readonly cpuARecord: number;
  /** Calls that were answered and that it does not know of after kill -9 halfway. */
  readonly lost: number;
}

/** What people use today, over the same list to the same provider on the same machine, without a limit. */
export async function benchPeers(databaseUrl: string): Promise<readonly BenchRatio[]> {
  await using folder = await createBenchFolder();
  await using provider = await startBenchProvider();
  const measured: Measured[] = [];
  for (const peer of peers) {
    const missing = await peer.missing();
    if (missing === null) {
      measured.push(await measurePeer(peer, { databaseUrl, folder: folder.path, provider }));
    } else console.log(`${peer.name} is left out: ${missing}`);
  }
  const rows = measured.map(({ peer, cost, perSecond, cpuARecord, lost }) => [
    peer.name,
    Math.round(perSecond),
    Math.round(cpuARecord),
    cost.peakMiB,
    lost,
  ]);
  console.log(
    formatTable(['', 'records/s', 'CPU µs a record', 'peak MiB', 'answers lost after kill -9'], rows),
  );
  return compare(measured);
}

function compare(measured: readonly Measured[]): readonly BenchRatio[] {
  const [ours, ...others] = measured;
  if (ours === undefined) return [];
  return others.flatMap(({ peer, perSecond, cpuARecord, cost }) => {
    const speed = ratioOf(`records/s, beside ${peer.name}`, ours.perSecond, perSecond);
    const memory = ratioOf(`peak MiB, beside ${peer.name}`, ours.cost.peakMiB, cost.peakMiB);
    const aim = aims[peer.name] ?? null;
    console.log(describeRatio(speed, aim));
    console.log(describeRatio(memory, aim === null ? null : { atMost: 1 }));
    return [speed, ratioOf(`CPU µs a record, beside ${peer.name}`, ours.cpuARecord, cpuARecord), memory];
  });
}

interface Places {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly provider: BenchProvider;
}

async function measurePeer(peer: Peer, { databaseUrl, folder, provider }: Places): Promise<Measured> {
  const records = Math.max(10, Math.round(RECORDS * peer.share));
  const inLedger = async <Result>(name: string, work: (world: PeerWorld) => Promise<Result>) =>
    await withBenchLedger(databaseUrl, async (url) => {
      if (peer.hasOwnTable) await runSql(url, 'create table peer_result (user_id text, par text, code text)');
      const place = join(folder, `${peer.name.replaceAll(/\W+/g, '-')}-${name}`);
      return await work({ folder: place, databaseUrl: url, env: provider.env, records });
    });
  const whole = await inLedger('whole', async (world) => {
    const command = await peer.prepare(world);
    const before = await databaseCpu(databaseUrl);
    const cost = await runMeasured(command);
    const after = await databaseCpu(databaseUrl);
    return { cost, database: before === null || after === null ? 0 : after - before };
  });
  await provider.takeArrivals();
  const lost = await inLedger('killed', async (world) => {
    const answered = await killHalfway(await peer.prepare(world), provider, records);
    return Math.max(0, answered - (await peer.kept(world)));
  });
  const cpuARecord = ((whole.cost.cpuSeconds + whole.database) * 1e6) / records;
  return { peer, cost: whole.cost, perSecond: records / whole.cost.seconds, cpuARecord, lost };
}
