import { describe, expect, test, vi } from 'vitest';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { parseFixtures } from '../../src/sandbox/fixtures.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts';
import {
  createWorld,
  listOf,
  parOf,
  userIdOf,
  type EnrolmentWorld,
  type WorldOptions,
} from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, serverEngine, type LedgerEngine } from '../support/ledgers.ts';
import { runProgram, startProgram, type ProgramEnd, type ProgramOptions } from '../support/program.ts';
import { startProviderFront } from '../support/provider-front.ts';
import { failureOf, summaryOf } from './program-output.ts';

/** Each test starts the real program some times, on a machine that may have other work. */
vi.setConfig({ testTimeout: 400_000 });

interface Told {
  readonly reconciliationId: string;
  readonly state: string;
  readonly exitCode: number;
  readonly reason: string;
  readonly members: number;
  readonly answered: number;
  readonly unclear: number;
  readonly calls: number;
  readonly breaks:
    | null
    | readonly {
        readonly kind: string;
        readonly fresh: number;
        readonly stillOpen: number;
        readonly gone: number;
      }[];
}

function toldBy(end: ProgramEnd): Told {
  const told = JSON.parse(end.stdout) as Told;
  expect(end.exitCode).toBe(told.exitCode);
  return told;
}

/** Breaks by kind: new, still open, gone. */
function figuresOf({ breaks }: Told): Record<string, readonly [number, number, number]> {
  return Object.fromEntries(
    (breaks ?? []).map(({ kind, fresh, stillOpen, gone }) => [kind, [fresh, stillOpen, gone]]),
  );
}

/** A list of members 1 to `members`, each with the card of its number, run to its end. */
async function setup(
  engine: LedgerEngine,
  members: number,
  options: Omit<WorldOptions, 'engine'> = {},
): Promise<EnrolmentWorld> {
  const job = [
    'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }',
    'retry: { attempts: 3, backoff: 1ms..2ms }',
  ].join('\n');
  const world = await createWorld({ engine, job, ...options });
  await world.writeList('list.csv', listOf(members));
  summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));
  return world;
}

/** The provider as it is later: `member: cards` of everybody, and what else the fixtures say. */
async function startLater(
  plans: Readonly<Record<number, readonly number[]>>,
  members: readonly string[] = [],
): Promise<Sandbox & AsyncDisposable> {
  const registered = Object.entries(plans).flatMap(([member, cards]) =>
    cards.map((card) => `  - { user: "${userIdOf(Number(member))}", par: ${parOf(card)} }`),
  );
  const lines = [
    ...(registered.length === 0 ? [] : ['registered:', ...registered]),
    ...(members.length === 0 ? [] : ['members:', ...members]),
  ];
  const fixtures = parseFixtures(`${lines.join('\n')}\n`);
  const sandbox = await startSandbox(lines.length === 0 ? {} : { fixtures });
  return Object.assign(sandbox, { [Symbol.asyncDispose]: async () => await sandbox.close() });
}

function truthOf(members: number): Record<number, readonly number[]> {
  return Object.fromEntries(Array.from({ length: members }, (_, index) => [index + 1, [index + 1]]));
}

const command = ['reconcile', '--against', 'provider'];

/** Settings kept with a run name its provider; of the provider as it is later a job file says where it is. */
async function reconcile(
  world: EnrolmentWorld,
  { baseUrl }: { readonly baseUrl: string },
  { argv = [], point }: { readonly argv?: readonly string[]; readonly point?: ProgramOptions['point'] } = {},
): Promise<ProgramEnd> {
  const isSame = baseUrl === world.sandbox.baseUrl;
  const settings = isSame || argv.includes('--job-file') ? [] : ['--job-file', 'job.yaml'];
  return await startProgram([...command, '--json', ...settings, ...argv], {
    cwd: world.cwd,
    env: { ...world.env, KONA_BASE_URL: baseUrl },
    ...(point === undefined ? {} : { point }),
  }).ended;
}

describe.each(ledgerEngines)('reconcile --against provider ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('finds each kind, shows no ids, and closes what is gone', async () => {
    const conflict = parseFixtures(`cards:\n  - { par: ${parOf(3)}, answer: "007_012" }\n`);
    await using world = await setup(engine, 6, { sandbox: { fixtures: conflict } });
    await using later = await startLater({ 1: [1], 3: [3], 5: [5, 4], 6: [6, 77] });
    const found = await reconcile(world, later);
    const told = toldBy(found);
    expect(told).toMatchObject({
      state: 'complete',
      exitCode: 3,
      members: 6,
      answered: 6,
      unclear: 0,
      calls: 6,
    });
    expect(told.reason).toBe('complete; 5 open breaks');
    expect(figuresOf(told)).toEqual({
      unknown_to_us: [2, 0, 0],
      missing_at_provider: [2, 0, 0],
      other_member: [1, 0, 0],
    });
    expect(later.stats()).toMatchObject({ calls: 0, inquiries: 6 });
    const said = `${found.stdout}${found.stderr}`;
    for (let number = 1; number <= 6; number += 1) {
      expect(said).not.toContain(userIdOf(number));
      expect(said).not.toContain(parOf(number));
    }

    await using right = await startLater({ ...truthOf(6), 3: [] });
    const gone = toldBy(await reconcile(world, right));
    expect(gone).toMatchObject({ exitCode: 0, reason: 'complete; no open breaks' });
    expect(figuresOf(gone)).toEqual({
      unknown_to_us: [0, 0, 2],
      missing_at_provider: [0, 0, 2],
      other_member: [0, 0, 1],
    });
  });

  it('killed in the middle it goes on, and nobody who was answered is asked again', async () => {
    const MEMBERS = 40;
    await using world = await setup(engine, MEMBERS);
    await using later = await startLater({ ...truthOf(MEMBERS), 1: [] });
    const killed = await reconcile(world, later, {
      point: { name: 'recorded', count: 20, action: 'SIGKILL' },
    });
    expect(killed.signal).toBe('SIGKILL');
    const asked = later.stats().inquiries;
    const ended = await reconcile(world, later);
    const told = toldBy(ended);
    expect(ended.stderr).toContain(`continuing reconciliation ${told.reconciliationId} `);
    expect(ended.stderr).toMatch(/\n40 members · \d+ to ask for · \d+ answered before\n/);
    expect(told).toMatchObject({ state: 'complete', exitCode: 3, members: MEMBERS, answered: MEMBERS });
    expect(figuresOf(told)).toEqual({ missing_at_provider: [1, 0, 0] });
    // What was in flight is asked again, and what was in the set that was being written.
    const more = later.stats().inquiries - asked;
    expect(more).toBeGreaterThanOrEqual(MEMBERS - asked);
    expect(more).toBeLessThanOrEqual(MEMBERS - 20 + 4);
    expect(told.calls).toBeGreaterThanOrEqual(later.stats().inquiries);
  });

  it('stopped by a signal it drains, and goes on', async () => {
    await using world = await setup(engine, 30);
    await using later = await startLater(truthOf(30));
    const stopped = toldBy(
      await reconcile(world, later, { point: { name: 'recorded', count: 5, action: 'SIGTERM' } }),
    );
    expect(stopped).toMatchObject({
      exitCode: 143,
      state: 'stopped',
      reason: 'stopped by SIGTERM',
      breaks: null,
    });
    expect(stopped.answered).toBe(later.stats().inquiries);
    expect(stopped.answered).toBeLessThan(30);
    const told = toldBy(await reconcile(world, later));
    expect(told).toMatchObject({
      exitCode: 0,
      reconciliationId: stopped.reconciliationId,
      calls: 30,
      answered: 30,
    });
    expect(later.stats().inquiries).toBe(30);
  });
});

describe('reconcile --against provider', () => {
  test('asks again after 429, 5xx and silence; who gives no plans at all stays unclear and keeps its breaks', async () => {
    await using world = await setup(embeddedEngine, 4);
    await using empty = await startLater({});
    expect(toldBy(await reconcile(world, empty))).toMatchObject({ exitCode: 3 });
    await using later = await startLater(truthOf(4), [
      `  - { user: "${userIdOf(1)}", inquiryFaults: ["429", "500 before", "reset before"] }`,
      `  - { user: "${userIdOf(2)}", inquiryFaults: ["reset before", "garbage before", "502 before"] }`,
      `  - { user: "${userIdOf(3)}", inquiryFaults: ["000_002 before"] }`,
    ]);
    const told = toldBy(await reconcile(world, later));
    expect(told).toMatchObject({ state: 'complete', exitCode: 4, members: 4, answered: 2, unclear: 2 });
    expect(told.reason).toBe('complete; the provider gave no plans for 2 members, 2 open breaks');
    expect(told.calls).toBe(4 + 3 + 1 + 1);
    expect(figuresOf(told)).toEqual({ missing_at_provider: [2, 0, 2] });
    const after = toldBy(await reconcile(world, later));
    expect(after).toMatchObject({ exitCode: 0, answered: 4, calls: 4 });
    expect(figuresOf(after)).toEqual({ missing_at_provider: [0, 0, 4] });
  });

  test('a provider that goes away ends it with exit 7; later it goes on', async () => {
    await using world = await setup(embeddedEngine, 60, {
      job: 'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }\nretry: { attempts: 20, backoff: 10ms..80ms }',
    });
    await using later = await startLater(truthOf(60));
    await using front = await startProviderFront({
      baseUrl: later.baseUrl,
      fallsAfter: 20,
      refuses: Infinity,
    });
    const stopped = toldBy(await reconcile(world, front));
    expect(stopped).toMatchObject({ exitCode: 7, state: 'stopped' });
    expect(stopped.reason).toContain('no answer we can read to 20 calls in a row');
    const told = toldBy(await reconcile(world, later));
    expect(told).toMatchObject({ exitCode: 0, reconciliationId: stopped.reconciliationId, answered: 60 });
  });

  test('a provider that knows no such call: exit 7, and the words say what was asked', async () => {
    await using world = await setup(embeddedEngine, 2);
    const told = toldBy(await reconcile(world, { baseUrl: `${world.sandbox.baseUrl}/nothing-here` }));
    expect(told).toMatchObject({ exitCode: 7, state: 'stopped', answered: 0 });
    expect(told.reason).toContain("asked for a member's plans, a call that not every provider knows");
  });

  test('a sample asks for so many members, and closes only theirs', async () => {
    await using world = await setup(embeddedEngine, 12);
    await using empty = await startLater({});
    expect(figuresOf(toldBy(await reconcile(world, empty)))).toEqual({ missing_at_provider: [12, 0, 0] });
    await using right = await startLater(truthOf(12));
    const sample = toldBy(await reconcile(world, right, { argv: ['--sample', '5'] }));
    expect(sample).toMatchObject({ members: 5, answered: 5, calls: 5, exitCode: 3 });
    expect(figuresOf(sample)).toEqual({ missing_at_provider: [7, 0, 5] });
    expect(right.stats()).toMatchObject({ inquiries: 5 });
    expect(failureOf(await reconcile(world, right, { argv: ['--sample', '0'] }), 2)).toContain('--sample');
  });

  test('--limit ends it early; other members asked for close it', async () => {
    await using world = await setup(embeddedEngine, 10);
    await using right = await startLater(truthOf(10));
    const limited = toldBy(await reconcile(world, right, { argv: ['--limit', '3'] }));
    expect(limited).toMatchObject({ exitCode: 6, state: 'stopped', answered: 3, calls: 3 });
    expect(limited.reason).toBe('stopped by --limit 3; 7 members were still to be asked for');
    const sample = await reconcile(world, right, { argv: ['--sample', '2'] });
    expect(sample.stderr).toContain(`closed, as it asked for other members: ${limited.reconciliationId}\n`);
    expect(toldBy(sample)).toMatchObject({ exitCode: 0, members: 2 });
    const whole = toldBy(await reconcile(world, right));
    expect(whole).toMatchObject({ exitCode: 0, calls: 10 });
    expect(whole.reconciliationId).not.toBe(limited.reconciliationId);
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

  test('without a run whose settings it could take it says so', async () => {
    await using world = await createWorld({ engine: embeddedEngine });
    expect(failureOf(await reconcile(world, world.sandbox), 2)).toContain('--job-file');
    await world.writeList('list.csv', listOf(1));
    const other = await reconcile(world, world.sandbox, { argv: ['--job-file', 'job.yaml'] });
    expect(toldBy(other)).toMatchObject({ exitCode: 0, members: 0, calls: 0, breaks: [] });
  });
});

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
