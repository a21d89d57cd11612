import { randomInt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { LedgerError, type Queryable } from '../../src/ledger/ledger-port.ts';
import { openLedger, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import type { ServerLedger } from '../../src/ledger/engine/server-ledger.ts';
import { findRun, readLastRuns } from '../../src/ledger/runs/run-table.ts';
import { retryJobOf } from '../../src/run/derived-jobs.ts';
import { retriedByDefault } from '../../src/domain/class.ts';
import { retryRuns } from '../../src/run/retry-run.ts';
import { runJob } from '../../src/run/run-job.ts';
import type { RunBegan, RunEnvironment } from '../../src/run/run-environment.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { serverEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { createRunEnvironment } from '../support/run-environment.ts';

const RECORDS = 700;
const CONCURRENCY = 8;
const STUCK = 5;

/** Pauses of patience end at once. */
const hasty: Clock = {
  ...systemClock,
  sleep: async (ms, signal) => {
    await systemClock.sleep(ms === 500 ? 0 : ms, signal);
  },
};

type Fault = 'none' | 'not done' | 'done and unheard';

interface FaultyLedger {
  readonly ledger: OpenLedger;
  readonly unheard: () => number;
}

/** A ledger whose connection breaks before a statement or after it, as `next` says each time. */
function createFaultyLedger(ledger: ServerLedger, next: () => Fault): FaultyLedger {
  const { bulk } = ledger;
  let unheard = 0;

  async function withFault<Result>(work: () => Promise<Result>): Promise<Result> {
    const fault = next();
    if (fault === 'not done') throw new LedgerError('LEDGER_UNAVAILABLE', 'broken before it was done');
    const result = await work();
    if (fault === 'none') return result;
    unheard += 1;
    throw new LedgerError('LEDGER_UNAVAILABLE', 'broken before it was heard of');
  }

  return {
    unheard: () => unheard,
    ledger: {
      ...ledger,
      query: async <Row extends object>(sql: string, parameters?: Parameters<Queryable['query']>[1]) =>
        await withFault(async () => await ledger.query<Row>(sql, parameters)),
      transaction: async (work) => await withFault(async () => await ledger.transaction(work)),
      bulk:
        bulk === null
          ? null
          : {
              ...bulk,
              copyIn: async (into, lines, guard) =>
                await withFault(async () => await bulk.copyIn(into, lines, guard)),
            },
    },
  };
}

/** Each statement and each transaction is done twice, the first time unheard. */
function everyOther(): () => Fault {
  let isSecond = true;
  return () => {
    isSecond = !isSecond;
    return isSecond ? 'none' : 'done and unheard';
  };
}

function anyFault(): () => Fault {
  return () => (['none', 'not done', 'done and unheard'] as const)[randomInt(3)] ?? 'none';
}

/** The first cards' calls are never answered in time; the others meet what a provider does. */
function cards(): string {
  const stuck = Array.from(
    { length: STUCK },
    (_, index) => `  - { par: ${parOf(index + 1)}, faults: ["slow 60000ms"] }`,
  );
  return [
    'cards:',
    ...stuck,
    `  - { par: ${parOf(11)}, faults: ["429", "429"] }`,
    `  - { par: ${parOf(12)}, faults: ["reset after"] }`,
    `  - { par: ${parOf(13)}, faults: ["reset before", "500 before"] }`,
    `  - { par: ${parOf(14)}, answer: "007_031" }`,
    `  - { par: ${parOf(15)}, answer: "009_999" }`,
    '',
  ].join('\n');
}

async function setup() {
  const world = await createWorld({
    engine: serverEngine,
    sandbox: { fixtures: parseFixtures(cards()) },
    job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 20s }\nretry: { attempts: 4, backoff: 10ms..50ms }\nguards: { canary: 0 }`,
  });
  await world.writeList('list.csv', listOf(RECORDS));
  const server = (await openLedger(world.ledger.address)) as ServerLedger;
  return {
    world,
    server,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** A run that died with a call of each of the first cards under way. */
async function leaveDeadRun(world: EnrolmentWorld): Promise<void> {
  const point = { name: 'bytes_left', count: STUCK, action: 'SIGKILL' } as const;
  const argv = ['run', 'job.yaml', '--json', '--concurrency', String(STUCK)];
  expect((await runProgram(argv, { ...world, point })).signal).toBe('SIGKILL');
}

async function environmentOn(
  world: EnrolmentWorld,
  ledger: OpenLedger,
  target = 'job.yaml',
): Promise<RunEnvironment> {
  return await createRunEnvironment(world, ledger, { clock: hasty, target });
}

/** The provider's truth is the ledger's, every call is one attempt, and nothing is left in anybody's hand. */
async function expectTruth(world: EnrolmentWorld, ledger: OpenLedger): Promise<void> {
  expect(
    await ledger.query(`select 1 from enrollment where status = 'sending' or claim_run_no is not null`),
  ).toEqual([]);
  const records = await ledger.query<{ record: string }>(
    `select user_id || ' ' || par as record from enrollment where status in ('enrolled', 'recovered')`,
  );
  const truth = world.sandbox.truth().map((entry) => `${entry.userId} ${entry.par}`);
  expect(records.map((row) => row.record).toSorted()).toEqual(truth.toSorted());
  const attempts = await ledger.query<{ correlation_id: string }>('select correlation_id from attempt');
  const calls = world.sandbox.calls().map((call) => call.correlationId ?? 'none');
  expect(attempts.map((row) => row.correlation_id).toSorted()).toEqual(calls.toSorted());
}

describe.each([
  ['every statement and transaction is done twice, the first time unheard', everyOther],
  ['a connection breaks before a statement, after it or not at all, by chance', anyFault],
] as const)('%s (server Postgres)', (_name, faults) => {
  const it = serverEngine.missing ? test.skip : test;

  it('a list is staged, called, proved and reported as if nothing had been', async () => {
    await using begun = await setup();
    const { world, server } = begun;
    const { ledger, unheard } = createFaultyLedger(server, faults());
    await leaveDeadRun(world);
    const environment = await environmentOn(world, ledger);
    let lostCalls = 0;
    const runBegan = (began: RunBegan): void => {
      ({ lostCalls } = began);
    };
    const observer = { ...environment.observer, runBegan };
    const [continued] = await runJob({ ...environment, observer });
    expect(lostCalls).toBe(STUCK);
    expect(continued).toMatchObject({ kind: 'ran', exitCode: 4 });
    if (continued?.kind !== 'ran') throw new Error('refused');
    const { classes, calls, totalsAgree } = continued.summary;
    expect(totalsAgree).toBe(true);
    expect(classes).toMatchObject({
      enrolled: RECORDS - STUCK - 3,
      recovered: STUCK + 1,
      action_required: 1,
      unknown_code: 1,
      unprocessed: 0,
    });
    // Two after 429, one after a reset, two more of the card that needs three; and the calls of the dead process.
    expect(calls).toBe(RECORDS + 2 + 1 + 2 + STUCK);
    expect(unheard()).toBeGreaterThan(20);
    await expectTruth(world, server);
  });

  it('so are a list that supersedes a dead run, and a retry', async () => {
    await using begun = await setup();
    const { world, server } = begun;
    const { ledger } = createFaultyLedger(server, faults());
    await leaveDeadRun(world);
    await world.writeList('list.csv', listOf(RECORDS - 1));
    const [result] = await runJob(await environmentOn(world, ledger));
    if (result?.kind !== 'ran') throw new Error('refused');
    expect(result.summary.classes).toMatchObject({ recovered: STUCK + 1, unprocessed: 0 });
    const superseded = (await readLastRuns(server, 10)).find((run) => run.state === 'superseded');
    expect(superseded?.superseded_by).toBe(result.summary.runId);
    const source = await findRun(server, result.summary.runId);
    if (source === null) throw new Error('no such run');
    const environment = await environmentOn(world, ledger);
    const job = retryJobOf(source.job);
    const selection = {
      sourceRunNo: source.run_no,
      classes: retriedByDefault,
      code: null,
      before: null,
      nights: null,
      withSettled: false,
      olderThan: null,
    };
    const [retried] = await retryRuns(
      { ...environment, configuration: { ...environment.configuration, job } },
      [{ source, selection }],
    );
    if (retried?.kind !== 'ran') throw new Error('refused');
    expect(retried.summary).toMatchObject({ list: { rowsRead: 1 }, calls: 1, totalsAgree: true });
    await expectTruth(world, server);
  });

  it('two jobs on the same records call each of them once', async () => {
    await using begun = await setup();
    const { world, server } = begun;
    await leaveDeadRun(world);
    await world.writeJob('other', 'list.csv', 'list.csv');
    const results = await Promise.all([
      runJob(await environmentOn(world, createFaultyLedger(server, faults()).ledger)),
      runJob(await environmentOn(world, createFaultyLedger(server, faults()).ledger, 'other.yaml')),
    ]);
    for (const [result] of results) {
      if (result?.kind !== 'ran') throw new Error('refused');
      expect(result.summary.classes).toMatchObject({ unprocessed: 0, action_required: 1, unknown_code: 1 });
    }
    expect(world.sandbox.calls()).toHaveLength(RECORDS + 2 + 1 + 2 + STUCK);
    await expectTruth(world, server);
  });
});
