import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, serverEngine } from '../support/ledgers.ts';
import { listenForCalls } from '../support/notified-places.ts';
import { engineOn } from '../support/private-postgres.ts';
import { runProgram } from '../support/program.ts';
import { runSql } from '../support/run-sql.ts';
import { createRole } from '../support/server/server-role.ts';
import { createMovedClock, startServing, type MovedClock } from '../support/serving.ts';

const NIGHTLY =
  'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }\nwindows: { stopAt: "05:30" }\nschedule: "0 1 * * *"';

const onServer = serverEngine.missing ? test.skip : test;

/** On a server the database's clock counts: no test runs over noon, at which a night ends. */
const timeZone = new Date().getUTCHours() < 12 ? 'America/New_York' : 'Asia/Seoul';
/** Comes an hour apart, and not while the test runs. */
const minute = (new Date().getUTCMinutes() + 40) % 60;

/** A job that starts at 01:00 in Seoul, on a ledger that is made without a queue, at a minute before. */
async function setup(job = NIGHTLY): Promise<{ world: EnrolmentWorld; clock: MovedClock } & AsyncDisposable> {
  const clock = createMovedClock('2026-11-23T15:59:00Z');
  const world = await createWorld({ engine: embeddedEngine, sandbox: { now: () => clock.now() }, job });
  await world.writeList('list.csv', listOf(12));
  return { world, clock, [Symbol.asyncDispose]: async () => await world[Symbol.asyncDispose]() };
}

async function runsOf({ cwd }: EnrolmentWorld): Promise<readonly string[]> {
  return (await readdir(join(cwd, 'runs')).catch(() => [])).filter((name) => name !== 'logs').toSorted();
}

async function startsOf({ ledger: { address } }: EnrolmentWorld): Promise<readonly object[]> {
  const ledger = await openLedger(address);
  try {
    return await ledger.query(
      `select to_char(due_at at time zone 'Asia/Seoul', 'MM-DD HH24:MI') as due, decision,
              begun_at is not null as begun, ended_at is not null as ended
       from cron_start order by due_at`,
    );
  } finally {
    await ledger.close();
  }
}

test('a start by the schedule is the same run as one by hand', async () => {
  await using s = await setup();
  const { world, clock } = s;
  const serving = startServing(['job.yaml'], { ...world, clock });
  await serving.said('proof starts next at 2026-11-24 01:00 Asia/Seoul (0 1 * * *)\n');
  clock.moveTo('2026-11-23T16:00:01Z');
  await serving.said('proof: ended with exit 0 (done)');
  const end = await serving.stop('SIGTERM');
  expect(end.exitCode).toBe(143);
  expect(end.stderr).toContain('proof: the start of 2026-11-24 01:00 Asia/Seoul is due\n');
  expect(end.stdout).toContain('proof: Totals agree: 12 rows read');
  expect(world.sandbox.calls()).toHaveLength(12);
  const [run = ''] = await runsOf(world);
  expect(run).toMatch(/^20261123T1600\d\dZ-proof-/);
  const summary: unknown = JSON.parse(await world.readReport(run, 'summary.json'));
  expect(summary).toMatchObject({
    job: 'proof',
    exitCode: 0,
    exitCause: 'done',
    totalsAgree: true,
    calls: 12,
  });
  expect(await startsOf(world)).toEqual([
    { due: '11-24 01:00', decision: 'requested', begun: true, ended: true },
  ]);
});

test('of the nights that nobody served the last one is made up while its window is open', async () => {
  await using s = await setup();
  const { world, clock } = s;
  const first = startServing(['job.yaml'], { ...world, clock });
  await first.said('starts next');
  await first.stop('SIGINT');
  clock.moveTo('2026-11-25T18:00:00Z');
  const second = startServing(['job.yaml'], { ...world, clock });
  await second.said(
    'the start of 2026-11-26 01:00 Asia/Seoul was missed and is made up for now, because its window is open until 2026-11-26 05:30; 2 before it were missed as well',
  );
  await second.said('ended with exit 0 (done)');
  expect((await second.stop('SIGINT')).exitCode).toBe(130);
  clock.moveTo('2026-11-26T21:00:00Z');
  const third = startServing(['job.yaml'], { ...world, clock });
  await third.said(
    'the start of 2026-11-27 01:00 Asia/Seoul was missed: nobody served the job before its window closed at 2026-11-27 05:30',
  );
  await third.stop('SIGINT');
  expect(await runsOf(world)).toHaveLength(1);
  expect(await startsOf(world)).toEqual([
    { due: '11-26 01:00', decision: 'requested', begun: true, ended: true },
    { due: '11-27 01:00', decision: 'missed', begun: false, ended: false },
  ]);
});

test('a night that did not begin is told to people, in the words of the job file as it is now', async () => {
  await using place = await listenForCalls();
  await using s = await setup();
  const { world, clock } = s;
  const first = startServing(['job.yaml'], { ...world, clock });
  await first.said('starts next');
  await first.stop('SIGINT');
  clock.moveTo('2026-11-23T21:00:00Z');
  const told = place.called();
  const second = startServing(['job.yaml', '--only', 'schedule'], { ...world, clock });
  await second.said('was missed');
  // Nobody is named yet, so it is no news when somebody is.
  await second.stop('SIGINT');
  await appendFile(join(world.cwd, 'job.yaml'), `\nnotify: { slack: "${place.url}" }\n`);
  clock.moveTo('2026-11-24T21:00:00Z');
  const third = startServing(['job.yaml', '--only', 'schedule'], { ...world, clock });
  await third.said('was missed');
  await told;
  await third.stop('SIGINT');
  expect(place.heard).toHaveLength(1);
  const { text } = JSON.parse(place.heard[0]?.body ?? '') as { text: string };
  expect(text).toContain(
    '*kona-enroll: proof: the start of 2026-11-25 01:00 was missed (somebody must look today)*',
  );
  expect(text).toContain('Who must act: operations.');
  expect(text).not.toContain(place.url);
});

test('a pause that a person orders is told to people when it begins and when it is over', async () => {
  await using place = await listenForCalls();
  await using s = await setup(`${NIGHTLY}\nnotify: { slack: "${place.url}" }`);
  const { world, clock } = s;
  const serving = startServing(['job.yaml'], { ...world, clock });
  await serving.said('serving; ');
  for (const order of [['pause', '--for', '30m', '--note', 'it restarts'], ['resume']]) {
    const told = place.called();
    const ordered = runProgram([...order, '--provider', 'truth'], { ...world, clock });
    // The process that serves looks every ten seconds.
    expect((await ordered).exitCode).toBe(0);
    clock.moveTo(new Date(clock.now().getTime() + 10_000).toISOString());
    await told;
  }
  await serving.stop('SIGTERM');
  const texts = place.heard.map(({ body }) => (JSON.parse(body) as { text: string }).text);
  expect(texts).toEqual([
    expect.stringMatching(
      /^\*kona-enroll: proof: calls to truth wait until .+\*\n.+ has paused .+: it restarts\./,
    ),
    expect.stringMatching(/^\*kona-enroll: proof: calls to truth go on\*\n/),
  ]);
});

test('a run under way ends as one that is stopped, and whoever serves next goes on with it', async () => {
  await using s = await setup(
    'limits: { rate: 4/s, concurrency: 1, timeout: 5s }\nguards: { canary: 0 }\nschedule: "0 1 * * *"',
  );
  const { world, clock } = s;
  const first = startServing(['job.yaml'], { ...world, clock });
  await first.said('starts next');
  clock.moveTo('2026-11-23T16:00:01Z');
  await first.said('12 to call');
  expect((await first.stop('SIGTERM')).exitCode).toBe(143);
  const called = world.sandbox.calls().length;
  expect(called).toBeLessThan(12);
  const second = startServing(['job.yaml'], { ...world, clock });
  await second.said('the start of 2026-11-24 01:00 Asia/Seoul is continued, because its worker is gone');
  await second.said('ended with exit 0 (done)');
  await second.stop('SIGTERM');
  expect(world.sandbox.calls()).toHaveLength(12);
  expect(await runsOf(world)).toHaveLength(1);
});

test.each([
  [[], 'name the job files to serve'],
  [['list.csv'], 'list.csv is no job file (.yaml)'],
  [['job.yaml', 'job.yaml'], 'job.yaml and job.yaml are both of job proof'],
  [['plain.yaml'], 'none of these job files has a schedule'],
  [['job.yaml', '--only', 'nights'], '--only: expected some of schedule, work, desk'],
  [['job.yaml', '--listen', '8080'], '--listen: expected an address such as 127.0.0.1:8080'],
])('serve %j is refused', async (words, sentence) => {
  await using world = await createWorld({ engine: embeddedEngine, job: NIGHTLY });
  await world.writeJob('plain', 'schedule: "0 1 * * *"', '');
  const end = await runProgram(['serve', ...words], world);
  expect(end).toMatchObject({ exitCode: 2, stdout: '' });
  expect(end.stderr).toContain(sentence);
});

onServer('a role without DDL serves; a queue that is lost costs no start (server Postgres)', async () => {
  const serverUrl = process.env['KONA_TEST_DATABASE_URL'] ?? '';
  await using owner = await createRole(serverUrl, {});
  await runSql(
    serverUrl,
    `grant create on database ${new URL(serverUrl).pathname.slice(1)} to ${owner.name}`,
  );
  const settings = [`search_path = ${owner.name}`];
  await using runner = await createRole(serverUrl, { owns: false, settings });
  await using world = await createWorld({
    engine: engineOn(owner.url),
    job: `windows: { timeZone: ${timeZone} }\nschedule: "${minute} * * * *"`,
  });
  await world.writeList('list.csv', listOf(12));
  const asOwner = { ...world, env: { ...world.env, DATABASE_URL: owner.url } };
  const made = await runProgram(['migrate', '--runner', runner.name], asOwner);
  expect(made.stdout).toContain(`Made the queue of \`serve\` (schema ${owner.name}_queue).`);
  const asRunner = { ...world, env: { ...world.env, DATABASE_URL: runner.url } };
  // As if nobody had served for an hour: what came due is there at the next look.
  const missAnHour = `delete from cron_start; update cron_line set looked_at = looked_at - interval '1 hour'`;
  const clock = createMovedClock(new Date().toISOString());
  const serving = startServing(['job.yaml'], { ...asRunner, clock });
  await serving.said('serving; ');
  await runSql(runner.url, missAnHour);
  clock.moveTo(new Date().toISOString());
  await serving.said('proof: ended with exit 0 (done)');
  await runSql(owner.url, `drop schema ${owner.name}_queue cascade; ${missAnHour}`);
  clock.moveTo(new Date().toISOString());
  await serving.shown(/nothing can be started for now, .*: .*_queue.* does not exist/);
  expect(await runProgram(['migrate', '--runner', runner.name], asOwner)).toMatchObject({ exitCode: 0 });
  clock.moveTo(new Date().toISOString());
  await serving.said('serve: ledger and queue answer again');
  await serving.said('proof: ended with exit 0 (nothing_due)');
  const end = await serving.stop('SIGTERM');
  expect(end).toMatchObject({ exitCode: 143 });
  expect(world.sandbox.calls()).toHaveLength(12);
  await runSql(owner.url, `drop schema ${owner.name}_queue cascade`);
});

test('/healthz says whether it serves, and a second one on its address is refused', async () => {
  await using s = await setup();
  const { world, clock } = s;
  const serving = startServing(['job.yaml', '--listen', '127.0.0.1:0'], { ...world, clock });
  const [url = ''] = (await serving.shown(/http:\S+\/healthz/)) ?? [];
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ ok: true, problem: null });
  const metrics = await fetch(new URL('/metrics', url));
  expect([metrics.status, metrics.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  expect(await metrics.text()).toContain('kona_enroll_ledger_up 1');
  expect((await fetch(new URL('/', url))).status).toBe(404);
  expect((await fetch(`${new URL('/', url).href}/?`)).status).toBe(404);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  await using other = await createWorld({ engine: embeddedEngine, job: NIGHTLY });
  const second = await runProgram(['serve', 'job.yaml', '--listen', new URL(url).host], other);
  expect(second.exitCode).toBe(8);
  expect(second.stderr).toContain(
    `--listen: ${new URL(url).host} can't be listened on: another process has it`,
  );
  await serving.stop('SIGTERM');
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

onServer('without a queue it says what makes one (server Postgres)', async () => {
  await using world = await createWorld({ engine: serverEngine, job: NIGHTLY });
  const end = await runProgram(['serve', 'job.yaml', '--listen', 'none'], world);
  expect(end.exitCode).toBe(8);
  expect(end.stderr).toContain('start `kona-enroll migrate` once');
});
