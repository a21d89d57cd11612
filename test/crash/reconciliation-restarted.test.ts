import { expect, onTestFinished, test } from 'vitest';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { createPrivatePostgres, engineOn, hasPrivatePostgres } from '../support/private-postgres.ts';
import { runProgram, startProgram } from '../support/program.ts';

const MEMBERS = 200;
const it = hasPrivatePostgres ? test : test.skip;

it('a server that is killed and restarted while the provider is asked costs no inquiry and no answer', async () => {
  await using server = await createPrivatePostgres();
  await using world = await createWorld({
    engine: engineOn(server.databaseUrl),
    sandbox: { faults: { seed: 1, latencyMs: 20 } },
    job: 'limits: { rate: 200/s, concurrency: 8, timeout: 5s }',
  });
  await world.writeList('list.csv', listOf(MEMBERS));
  expect((await runProgram(['run', 'job.yaml', '--quiet'], world)).exitCode).toBe(0);
  const point = { name: 'recorded', count: 60, action: 'tell-each' } as const;
  const program = startProgram(['reconcile', '--against', 'provider', '--json'], { ...world, point });
  onTestFinished(() => {
    program.kill('SIGKILL');
  });
  for (const [index, signal] of (['SIGQUIT', 'SIGKILL'] as const).entries()) {
    await program.said('reached recorded', index + 1);
    await server.stop(signal);
    await program.said("the ledger's database does not answer", index + 1);
    expect(world.sandbox.stats().inquiries).toBeLessThan(MEMBERS);
    await server.start();
    await program.said("the ledger's database is back", index + 1);
  }
  const end = await program.ended;
  expect(JSON.parse(end.stdout)).toMatchObject({
    exitCode: 0,
    state: 'complete',
    members: MEMBERS,
    answered: MEMBERS,
    calls: MEMBERS,
  });
  expect(world.sandbox.stats().inquiries).toBe(MEMBERS);
});
