import { expect, onTestFinished, test } from 'vitest';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { layCable } from '../support/ledger-cable.ts';
import { expectTruth } from '../support/ledger-truth.ts';
import { createPrivatePostgres, engineOn, hasPrivatePostgres } from '../support/private-postgres.ts';
import { startProgram, type ProgramOptions, type StartedProgram } from '../support/program.ts';

const RECORDS = 400;
const EACH = 60;
const run = ['run', 'job.yaml', '--json'];
const point = { name: 'recorded', count: EACH, action: 'tell-each' } as const;
const WAITING = "the ledger's database does not answer";
const BACK = "the ledger's database is back";
const it = hasPrivatePostgres ? test : test.skip;

/** A world whose ledger is on a server of its own. */
async function createWorldOn(databaseUrl: string) {
  const world = await createWorld({
    engine: engineOn(databaseUrl),
    sandbox: { faults: { seed: 1, latencyMs: 20 } },
    job: 'limits: { rate: 200/s, concurrency: 8, timeout: 5s }',
  });
  await world.writeList('list.csv', listOf(RECORDS));
  return world;
}

function start(options: ProgramOptions): StartedProgram {
  const program = startProgram(run, { ...options, point });
  onTestFinished(() => {
    program.kill('SIGKILL');
  });
  return program;
}

it('a server that crashes, is killed and is restarted in mid-run costs no call and no outcome', async () => {
  await using server = await createPrivatePostgres();
  await using world = await createWorldOn(server.databaseUrl);
  const program = start(world);
  const ways = ['SIGQUIT', 'SIGKILL', 'SIGINT'] as const;
  for (const [index, signal] of ways.entries()) {
    await program.said('reached recorded', index + 1);
    await server.stop(signal);
    await program.said(WAITING, index + 1);
    expect(world.sandbox.calls().length).toBeLessThan(RECORDS);
    await server.start();
    await program.said(BACK, index + 1);
  }
  await expectTruth(world, await program.ended, { records: RECORDS, mayBeLost: 0 });
});

it('a server whose standby takes its place in mid-run costs no call and no outcome', async () => {
  await using server = await createPrivatePostgres();
  await using standby = await server.addStandby();
  await using cable = await layCable(server.databaseUrl);
  await using world = await createWorldOn(server.databaseUrl);
  const env = { ...world.env, DATABASE_URL: cable.databaseUrl };
  const program = start({ cwd: world.cwd, env });
  await program.said('reached recorded');
  await server.stop('SIGKILL');
  // It answers, and takes no writing yet.
  cable.leadTo(standby.databaseUrl);
  await program.said(WAITING);
  expect(world.sandbox.calls().length).toBeLessThan(RECORDS);
  standby.promote();
  await program.said(BACK);
  const address = { kind: 'server', url: standby.databaseUrl } as const;
  await expectTruth(world, await program.ended, { records: RECORDS, mayBeLost: 0, address });
});
