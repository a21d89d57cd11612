// `npm run bench -- intake report`: performance as ratios measured within one run; all benches when none is named.
import { describeMachine, type BenchRatio } from './bench-result.ts';
import { benchDispatch } from './dispatch-bench.ts';
import { benchGrowth } from './growth-bench.ts';
import { benchIntake } from './intake-bench.ts';
import { benchMemory } from './memory-bench.ts';
import { benchPeers } from './peers-bench.ts';
import { benchRate } from './rate-bench.ts';
import { benchReport } from './report-bench.ts';
import { benchRerun } from './rerun-bench.ts';
import { benchStart } from './start-bench.ts';

const benches: Readonly<Record<string, (databaseUrl: string) => Promise<readonly BenchRatio[]>>> = {
  dispatch: benchDispatch,
  growth: benchGrowth,
  intake: benchIntake,
  memory: benchMemory,
  peers: benchPeers,
  rate: benchRate,
  report: benchReport,
  rerun: benchRerun,
  start: benchStart,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => benches[name] === undefined);
const databaseUrl = process.env['KONA_TEST_DATABASE_URL'];
if (unknown.length > 0 || databaseUrl === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join(' ')}    (needs a server Postgres)`);
  process.exitCode = 2;
} else {
  for (const bench of asked.length === 0 ? Object.keys(benches) : asked) {
    console.log(`\n== ${bench}\n${describeMachine()}`);
    const ratios = await benches[bench]?.(databaseUrl);
    console.log(JSON.stringify({ bench, ratios }));
  }
}
