import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, serverEngine } from '../support/ledgers.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { summaryOf } from './program-output.ts';
import { reconcile, setup, startLater, toldBy, truthOf } from './reconciled-world.ts';

const onServer = serverEngine.missing ? test.skip : test;

/** Most calls of both kinds that left in any one second, by our clock. */
async function readFullestSecond(world: EnrolmentWorld): Promise<{ calls: number; inquiries: number }> {
  const ledger = await openLedger(world.ledger.address);
  const [row] = await ledger.query<{ calls: number; inquiries: number }>(
    `with sent as (select sent_at, 0 as asks from attempt union all select sent_at, 1 from reconciliation_call),
     windows as (
       select count(*) over (order by sent_at range between interval '999 milliseconds' preceding and current row) as calls from sent)
     select max(calls)::integer as calls, (select sum(asks)::integer from sent) as inquiries from windows`,
  );
  await ledger.close();
  if (row === undefined) throw new Error('one row was expected');
  return row;
}

describe.each(ledgerEngines)('the rate ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is held from the run’s last calls on, and over a kill', async () => {
    const job = 'limits: { rate: 10/s, concurrency: 4, timeout: 5s }';
    await using world = await setup(engine, 12, { job });
    const point = { name: 'bytes_left', count: 6, action: 'SIGKILL' } as const;
    expect((await reconcile(world, world.sandbox, { point })).signal).toBe('SIGKILL');
    expect(toldBy(await reconcile(world, world.sandbox))).toMatchObject({ exitCode: 0, answered: 12 });
    const { calls, inquiries } = await readFullestSecond(world);
    expect(inquiries).toBeGreaterThanOrEqual(12);
    expect(calls).toBeLessThanOrEqual(10);
  });
});

test('a rate of the day counts inquiries and registrations alike, also those of a process that was killed', async () => {
  // No test runs over midnight.
  const timeZone = new Date().getUTCHours() < 12 ? 'Asia/Seoul' : 'America/New_York';
  const job = `limits: { rate: "1000/s, 20/day", concurrency: 1, timeout: 5s }\nwindows: { timeZone: ${timeZone} }`;
  await using world = await setup(embeddedEngine, 12, { job });
  const point = { name: 'bytes_left', count: 3, action: 'SIGKILL' } as const;
  expect((await reconcile(world, world.sandbox, { point })).signal).toBe('SIGKILL');
  const told = toldBy(await reconcile(world, world.sandbox));
  // Twelve registrations, two inquiries that were answered and one that was lost leave five.
  expect(told).toMatchObject({ exitCode: 6, state: 'stopped', answered: 7, calls: 8 });
  expect(told.reason).toMatch(/^the day's 20\/day are used up: 20 calls were made/);
  await world.writeList('list.csv', listOf(13));
  const run = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));
  expect(run).toMatchObject({ exitCode: 6, calls: 0, classes: { already_done: 12, unprocessed: 1 } });
});

onServer('beside a live run of its job both keep to one rate (server Postgres)', async () => {
  const RATE = 40;
  const job = `limits: { rate: ${RATE}/s, concurrency: 8, timeout: 5s }`;
  await using world = await setup(serverEngine, 100, { job });
  await world.writeList('list.csv', listOf(300));
  const point = { name: 'recorded', count: 20, action: 'tell' } as const;
  const run = startProgram(['run', 'job.yaml', '--json', '--quiet'], { ...world, point });
  await run.said('reached recorded');
  const told = toldBy(await reconcile(world, world.sandbox, { argv: ['--limit', '100'] }));
  expect(told.answered).toBe(100);
  expect(summaryOf(await run.ended)).toMatchObject({ exitCode: 0, classes: { enrolled: 200 } });
  const { calls, inquiries } = await readFullestSecond(world);
  expect(inquiries).toBe(100);
  expect(calls).toBeLessThanOrEqual(RATE);
});

test('limits.maxCalls counts its calls of the night, over restarts', async () => {
  await using world = await setup(embeddedEngine, 6);
  await world.writeJob('other', 'rate: 1000/s', 'rate: 1000/s, maxCalls: 4');
  await using right = await startLater(truthOf(6));
  const argv = ['--job-file', 'other.yaml'];
  const stopped = toldBy(await reconcile(world, right, { argv }));
  expect(stopped).toMatchObject({ exitCode: 6, answered: 4 });
  expect(stopped.reason).toMatch(/^limits.maxCalls 4 is used up: 4 calls were made/);
  expect(toldBy(await reconcile(world, right, { argv }))).toMatchObject({ exitCode: 6, answered: 4 });
  expect(right.stats().inquiries).toBe(4);
});
