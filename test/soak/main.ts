// `npm run soak [-- SEED]`: the program killed a hundred times at random moments while it enrols 20,000 records at a
// provider of which one call in five is a fault, and its Postgres broken off three times; then provider and ledger are
// compared. Ends with 0 when everything holds, with 1 when not, with 69 where no Postgres can be started.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatTable } from '../../src/cli/terminal/table.ts';
import { jobTextOf, listOf } from '../support/enrolment-world.ts';
import {
  createPrivatePostgres,
  hasPrivatePostgres,
  type PrivatePostgres,
} from '../support/private-postgres.ts';
import { proveSoak, type SoakCheck } from '../support/soak-proof.ts';
import { soakFaults, soakJob } from '../support/soak-rules.ts';
import { runThroughKills } from '../support/soak.ts';
import { startProvider, type ProviderProcess } from './provider-process.ts';
import { watchSending } from './sending-watch.ts';

const RECORDS = 20_000;
const KILLS = 100;
const RESTARTS = 3;
const MOST_SECONDS = 600;
const NO_SERVER = 69; // EX_UNAVAILABLE of sysexits.h

async function soak(
  seed: number,
  cwd: string,
  server: PrivatePostgres,
  provider: ProviderProcess,
): Promise<SoakCheck[]> {
  const began = performance.now();
  const address = { kind: 'server', url: server.databaseUrl } as const;
  const watch = watchSending(server.databaseUrl);
  const story = await runThroughKills({
    cwd,
    env: { ...provider.env, DATABASE_URL: server.databaseUrl },
    address,
    records: RECORDS,
    seed,
    kills: KILLS,
    countCalls: async () => await provider.countCalls(),
    restarts: {
      count: RESTARTS,
      restart: async () => {
        await server.stop('SIGQUIT');
        await server.start();
      },
    },
    say: (line) => {
      console.log(`${String(Math.round((performance.now() - began) / 1_000)).padStart(4)} s  ${line}`);
    },
  });
  const { most, looks } = await watch.end();
  const seconds = (performance.now() - began) / 1_000;
  const evidence = { calls: await provider.calls(), truth: await provider.truth(), mostSendingSeen: most };
  return [
    {
      what: 'kills with SIGKILL, and those of them within a start',
      figure: `${story.kills}, ${story.killsAtStart}`,
      holds: story.kills === KILLS,
    },
    {
      what: 'restarts of Postgres, immediate',
      figure: `${story.restarts}; the program called on after ${story.wentOn}, ended with 8 at ${story.endedWith8}`,
      holds: story.restarts === RESTARTS,
    },
    ...(await proveSoak({ ...evidence, address, records: RECORDS, story })),
    { what: 'looks at what is sending, while it ran', figure: String(looks), holds: looks > 0 },
    { what: 'time', figure: `${Math.round(seconds)} s ≤ ${MOST_SECONDS} s`, holds: seconds <= MOST_SECONDS },
  ];
}

async function main(seed: number): Promise<boolean> {
  const cwd = await mkdtemp(join(tmpdir(), 'kona-soak-'));
  try {
    await using server = await createPrivatePostgres();
    const faults = join(cwd, 'faults.yaml');
    await writeFile(faults, JSON.stringify(soakFaults(seed)));
    await writeFile(join(cwd, 'list.csv'), listOf(RECORDS));
    await writeFile(join(cwd, 'job.yaml'), jobTextOf({ encryption: 'required', job: soakJob }));
    await using provider = await startProvider(cwd, faults);
    const checks = await soak(seed, cwd, server, provider);
    const rows = checks.map(({ what, figure, holds }) => [holds ? 'holds' : 'FAILS', what, figure]);
    console.log(`\n${formatTable(['', `${RECORDS} records, seed ${seed}`, 'figures'], rows)}`);
    return checks.every((check) => check.holds);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

const seed = Number(process.argv[2] ?? Math.trunc(Math.random() * 1_000_000));
if (!Number.isInteger(seed)) {
  console.error('usage: npm run soak [-- SEED]    (a whole number)');
  process.exitCode = 2;
} else if (!hasPrivatePostgres) {
  console.error(
    'No Postgres server is installed in /usr/lib/postgresql: the soak breaks off one of its own, not one that others use.',
  );
  process.exitCode = NO_SERVER;
} else {
  console.log(`Seed ${seed}: the same faults and moments are drawn by  npm run soak -- ${seed}`);
  console.log('What meets what also hangs on how fast the machine is: a repetition is alike, not the same.');
  process.exitCode = (await main(seed)) ? 0 : 1;
}
