import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram, type ProgramOptions } from '../support/program.ts';
import { classesOf, summaryOf, type RunSummary } from './program-output.ts';

const CONCURRENCY = 4;
const refusedSetUp = parseFixtures('setUp: { refused: true }');
const noConditions = parseFixtures('{}');

/** Members of these numbers are answered so. */
function answering(answer: string, numbers: readonly number[]): ReturnType<typeof parseFixtures> {
  return parseFixtures(
    `cards:\n${numbers.map((number) => `  - { par: ${parOf(number)}, answer: "${answer}" }`).join('\n')}\n`,
  );
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function setup(
  records: number,
  fixtures = noConditions,
  engine = embeddedEngine,
): Promise<EnrolmentWorld> {
  const world = await createWorld({
    engine,
    sandbox: { fixtures },
    job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }\nguards: { maxFailures: 100% }`,
  });
  await world.writeList('list.csv', listOf(records));
  return world;
}

type Told = RunSummary & { readonly exitCause: string };

async function run(world: EnrolmentWorld, ...flags: string[]): Promise<Told> {
  return summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet', ...flags], world)) as Told;
}

async function statusesOf(world: EnrolmentWorld): Promise<Record<string, number>> {
  const ledger = await openLedger(world.ledger.address);
  const rows = await ledger.query<{ status: string; records: number }>(
    'select status, count(*)::integer as records from enrollment where claim_run_no is null group by 1',
  );
  await ledger.close();
  return Object.fromEntries(rows.map(({ status, records }) => [status, records]));
}

async function outcomesOf(world: EnrolmentWorld): Promise<Record<string, number>> {
  const ledger = await openLedger(world.ledger.address);
  const rows = await ledger.query<{ outcome: string; attempts: number }>(
    'select outcome, count(*)::integer as attempts from attempt group by 1',
  );
  await ledger.close();
  return Object.fromEntries(rows.map(({ outcome, attempts }) => [outcome, attempts]));
}

describe.each(ledgerEngines)('a set-up that the provider refuses ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it.each([[30], [60], [3]])(
    '%i rows: nobody is blamed; mended, the same command enrols all of them',
    async (records) => {
      await using world = await setup(records, refusedSetUp, engine);
      const begun = await run(world);
      expect(begun).toMatchObject({ exitCode: 7, exitCause: 'wrong_setup', state: 'stopped' });
      expect(begun.exitReason).toMatch(
        /^the provider refuses every call: key id, keys, header or address, or every row/,
      );
      expect(begun.calls).toBeLessThan(20 + CONCURRENCY);
      expect(classesOf(begun)).toEqual({ unprocessed: records });
      expect(await statusesOf(world)).toEqual({ pending: records });
      expect(await outcomesOf(world)).toEqual({ held: begun.calls });

      world.sandbox.replaceFixtures(noConditions);
      const ended = await run(world);
      expect(ended).toMatchObject({ exitCode: 0, runId: begun.runId, calls: records + begun.calls });
      expect(classesOf(ended)).toEqual({ enrolled: records });
    },
  );

  it('rows that really are wrong among good ones are bad data, each at the cost of one call', async () => {
    await using world = await setup(50, answering('000_002', [...upTo(9), 20, 30]), engine);
    const ended = await run(world);
    expect(ended).toMatchObject({ exitCode: 3, state: 'complete', calls: 50 });
    expect(classesOf(ended)).toEqual({ enrolled: 39, bad_data: 11 });
    expect(await statusesOf(world)).toEqual({ enrolled: 39, bad_data: 11 });
    expect(await outcomesOf(world)).toEqual({ enrolled: 39, bad_data: 11 });
    const results = await world.readReport(ended.runId, 'results.csv');
    expect(results.split('\r\n')[1]).toMatch(/,bad_data,000_002,/);
  });

  it('a firewall that dislikes one record: it is tried once more at the end, and is operations’', async () => {
    await using world = await setup(60, answering('403', [31]), engine);
    const ended = await run(world);
    expect(ended).toMatchObject({ exitCode: 4, state: 'complete', calls: 61 });
    expect(classesOf(ended)).toEqual({ enrolled: 59, unknown_code: 1 });
    const calls = world.sandbox.calls().map((call) => call.par);
    expect(calls.filter((par) => par === parOf(31))).toHaveLength(2);
    expect(calls.at(-1)).toBe(parOf(31));
    const line = (await world.readReport(ended.runId, 'failed.csv')).split('\r\n')[1] ?? '';
    expect(line).toContain(',unknown_code,,refused before the provider: HTTP 403,operations,2,403,');
    expect((await world.readReport(ended.runId, 'for-developers.csv')).trim().split('\r\n')).toHaveLength(1);
    const explained = await runProgram(['explain', userIdOf(31)], world);
    expect(explained.stdout).toContain('refused before the provider: HTTP 403');
    expect(explained.stdout).toContain('gateway or firewall');
  });
});

test('the field that a refusal names is told; without a proof the first such answer stops the run', async () => {
  const fixtures = parseFixtures('setUp: { refused: true, field: X-KM-Crypto-Key-Id }');
  await using world = await setup(30, fixtures);
  const begun = await run(world);
  expect(begun).toMatchObject({ exitCode: 7, exitCause: 'wrong_setup' });
  expect(begun.exitReason).toContain('names X-KM-Crypto-Key-Id');
  expect(begun.calls).toBeLessThanOrEqual(CONCURRENCY);
  expect(await statusesOf(world)).toEqual({ pending: 30 });
});

test('few rows that all are wrong: --yes says so; after a good night, a retry or handed back they are so by themselves', async () => {
  await using world = await setup(3, answering('000_002', [1, 2, 3]));
  expect(await run(world)).toMatchObject({ exitCode: 7, exitCause: 'wrong_setup' });
  const vouched = await run(world, '--yes');
  expect(vouched).toMatchObject({ exitCode: 3, state: 'complete' });
  expect(classesOf(vouched)).toEqual({ bad_data: 3 });

  // Nothing but 000_002 so far, so nothing is proved: the answers to --yes are no proof.
  const retry = ['retry', '--run', vouched.runId, '--class', 'bad_data', '--json', '--quiet'];
  expect(summaryOf(await runProgram(retry, world))).toMatchObject({ exitCode: 7 });

  const said = summaryOf(await runProgram([...retry, '--yes'], world));
  expect([said.exitCode, classesOf(said)]).toEqual([3, { bad_data: 3 }]);

  await world.writeList('list.csv', listOf(30).replace(/(?<=\n)[^\n]+\n[^\n]+\n[^\n]+\n/, ''));
  expect(classesOf(await run(world))).toEqual({ enrolled: 27 });
  const again = summaryOf(await runProgram(retry, world));
  expect([again.exitCode, classesOf(again)]).toEqual([3, { bad_data: 3 }]);
  await world.writeList('list.csv', await world.readReport(again.runId, 'failed.csv'));
  const handedBack = await run(world);
  expect([handedBack.exitCode, classesOf(handedBack)]).toEqual([3, { bad_data: 3 }]);
});

test('a list of other rows that really are wrong, few of them, after a good night', async () => {
  await using world = await setup(30);
  expect(await run(world)).toMatchObject({ exitCode: 0 });
  world.sandbox.replaceFixtures(answering('000_002', [101, 102]));
  await world.writeList(
    'list.csv',
    `user_id,par\n${userIdOf(101)},${parOf(101)}\n${userIdOf(102)},${parOf(102)}\n`,
  );
  const few = await run(world);
  expect([few.exitCode, classesOf(few)]).toEqual([3, { bad_data: 2 }]);
  // Of many the proof has to come with the calls themselves.
  world.sandbox.replaceFixtures(refusedSetUp);
  await world.writeList('list.csv', listOf(90).replace(/(?<=user_id,par,name\n)(?:[^\n]+\n){30}/, ''));
  expect(await run(world)).toMatchObject({ exitCode: 7, exitCause: 'wrong_setup' });
});

test.each<[string, NonNullable<ProgramOptions['point']>]>([
  ['with calls held', { name: 'recorded', count: 5, action: 'SIGKILL' }],
  ['with the proof recorded and nothing made of it', { name: 'recorded', count: 10, action: 'SIGKILL' }],
  ['with a call under way', { name: 'bytes_left', count: 7, action: 'SIGKILL' }],
])('killed %s nothing is lost: the next start calls those again', async (_, point) => {
  await using world = await setup(30, answering('000_002', upTo(9)));
  const yaml = 'limits: { rate: 1000/s, concurrency: 1, timeout: 5s }';
  await world.writeJob('proof', `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }`, yaml);
  const killed = await runProgram(['run', 'proof.yaml', '--json', '--quiet'], { ...world, point });
  expect(killed.signal).toBe('SIGKILL');
  const ended = summaryOf(await runProgram(['run', 'proof.yaml', '--json', '--quiet'], world));
  expect(ended).toMatchObject({ exitCode: 3, state: 'complete' });
  expect(classesOf(ended)).toEqual({ enrolled: 21, bad_data: 9 });
  expect(await statusesOf(world)).toEqual({ enrolled: 21, bad_data: 9 });
  expect(world.sandbox.truth()).toHaveLength(21);
});

test('refused at the very first call, the record is not called first on the next start', async () => {
  await using world = await setup(30, answering('403', [1]));
  const yaml = 'limits: { rate: 1000/s, concurrency: 1, timeout: 5s }';
  await world.writeJob('proof', `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }`, yaml);
  const program = ['run', 'proof.yaml', '--json', '--quiet'];
  const begun = summaryOf(await runProgram(program, world)) as Told;
  expect(begun).toMatchObject({ exitCode: 7, exitCause: 'credentials', calls: 1 });
  const ended = summaryOf(await runProgram(program, world));
  expect(ended).toMatchObject({ exitCode: 4, runId: begun.runId, calls: 31 });
  expect(classesOf(ended)).toEqual({ enrolled: 29, unknown_code: 1 });
  const calls = world.sandbox.calls().map((call) => call.par);
  expect([calls[0], calls[1], calls.at(-1)]).toEqual([parOf(1), parOf(2), parOf(1)]);
});

test('credentials revoked in the midst of a run stop it at three in a row; nobody is marked', async () => {
  await using world = await createWorld({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, revokedAfterCalls: 40 } },
    job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }`,
  });
  await world.writeList('list.csv', listOf(100));
  const begun = await run(world);
  expect(begun).toMatchObject({ exitCode: 7, exitCause: 'credentials' });
  expect(classesOf(begun)).toEqual({ enrolled: 40, unprocessed: 60 });
  expect(begun.calls).toBeLessThan(40 + 3 + CONCURRENCY);
  expect(await statusesOf(world)).toEqual({ enrolled: 40, pending: 60 });
});
