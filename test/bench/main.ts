// `npm run bench -- dispatch intake memory rate report`: performance as ratios measured within one run; all of them when none is named.
import { benchDispatch } from './dispatch-bench.ts';
import { benchIntake } from './intake-bench.ts';
import { benchMemory } from './memory-bench.ts';
import { benchRate } from './rate-bench.ts';
import { benchReport } from './report-bench.ts';

const benches: Readonly<Record<string, (databaseUrl: string) => Promise<void>>> = {
  dispatch: benchDispatch,
  intake: benchIntake,
  memory: benchMemory,
  rate: benchRate,
  report: benchReport,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => benches[name] === undefined);
const databaseUrl = process.env['KONA_TEST_DATABASE_URL'];
if (unknown.length > 0 || databaseUrl === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join(' ')}    (needs a server Postgres)`);
  process.exitCode = 2;
} else {
  for (const name of asked.length === 0 ? Object.keys(benches) : asked) {
    console.log(`\n== ${name}`);
    await benches[name]?.(databaseUrl);
  }
}
