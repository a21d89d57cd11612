import { describe, expect, test } from 'vitest';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

const quick = [
  'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }',
  'retry: { attempts: 2, backoff: 1ms..2ms }',
].join('\n');

async function setup(records: number, engine = embeddedEngine): Promise<EnrolmentWorld> {
  const world = await createWorld({
    engine,
    encryption: 'required',
    sandbox: { requireEncryption: true },
    job: quick,
  });
  await world.writeList('list.csv', listOf(records));
  return world;
}

function withoutClientKey(world: EnrolmentWorld): EnrolmentWorld {
  const { KONA_CLIENT_PRIVATE_KEY: _, ...env } = world.env;
  return { ...world, env };
}

describe.each(ledgerEngines)('with encrypted bodies both ways ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('every member is enrolled, digit for digit, at a provider that takes nothing plain', async () => {
    await using world = await setup(30, engine);
    const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    expect(summary).toMatchObject({ exitCode: 0, calls: 30 });
    const expected = Array.from({ length: 30 }, (_, index) => ({
      userId: userIdOf(index + 1),
      par: parOf(index + 1),
    }));
    const truth = world.sandbox.truth().map(({ userId, par }) => ({ userId, par }));
    expect(truth.toSorted((a, b) => (a.par < b.par ? -1 : 1))).toEqual(expected);
  });
});

test('answers we have no key for are ambiguous, and each row says which setting is missing', async () => {
  await using world = await setup(3);
  const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json'], withoutClientKey(world)));
  expect(classesOf(summary)).toEqual({ ambiguous: 3 });
  expect(summary).toMatchObject({ exitCode: 4, calls: 6 });
  const failed = await world.readReport(summary.runId, 'failed.csv');
  expect(failed.match(/it is encrypted, and KONA_CLIENT_PRIVATE_KEY is not set/g)).toHaveLength(3);

  // With the key, what had been answered all along is found again.
  const second = summaryOf(await runProgram(['retry', '--json'], world));
  expect(classesOf(second)).toEqual({ recovered: 3 });
});

test('a missing key of ours is told before the first call of an encrypted run, by plan too, and only there', async () => {
  await using world = await setup(1);
  const told =
    /warning: KONA_CLIENT_PRIVATE_KEY is not set, so an answer that comes encrypted can not be opened/;
  const planned = await runProgram(['plan', 'job.yaml'], withoutClientKey(world));
  expect([planned.exitCode, planned.stderr]).toEqual([0, expect.stringMatching(told)]);
  const ran = await runProgram(['run', 'job.yaml', '--quiet'], withoutClientKey(world));
  expect(ran.stderr).toMatch(told);
  const whole = await runProgram(['plan', 'job.yaml'], world);
  expect(whole.stderr).not.toMatch(/KONA_CLIENT_PRIVATE_KEY/);
  await using plain = await createWorld({ engine: embeddedEngine, job: quick });
  await plain.writeList('list.csv', listOf(1));
  const plainRun = await runProgram(['run', 'job.yaml', '--json'], plain);
  expect(summaryOf(plainRun)).toMatchObject({ exitCode: 0 });
  expect(plainRun.stderr).not.toMatch(/KONA_CLIENT_PRIVATE_KEY/);
});

test('plain calls that are answered encrypted are read, where we have the key', async () => {
  await using world = await createWorld({
    engine: embeddedEngine,
    sandbox: { encryptAnswers: true },
    job: quick,
  });
  await world.writeList('list.csv', listOf(3));
  const { clientPrivateKey } = await world.sandbox.encryptionKeys();
  const env = { ...world.env, KONA_CLIENT_PRIVATE_KEY: clientPrivateKey };
  const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json'], { ...world, env }));
  expect(classesOf(summary)).toEqual({ enrolled: 3 });
});

test.each([
  [', encryption: off', ['000_000']],
  // The counter-test: encrypted as the registrations are, it is refused.
  ['', ['000_002']],
])(
  'a provider that takes plans inquiries plain only, verify: { enabled: true%s }',
  async (setting, answers) => {
    await using world = await createWorld({
      engine: embeddedEngine,
      encryption: 'required',
      sandbox: {
        requireEncryption: true,
        plainPlans: true,
        fixtures: parseFixtures(`registered: [{ user: '999', par: ${parOf(1)} }]`),
      },
      job: `${quick}\nverify: { enabled: true${setting} }`,
    });
    await world.writeList('list.csv', listOf(2));
    const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    expect(classesOf(summary)).toEqual({ enrolled: 1, conflict: 1 });
    expect(Object.keys(world.sandbox.stats().inquiriesByAnswer)).toEqual(answers);
    expect(world.sandbox.stats().byAnswer).toEqual({ '000_000': 1, '007_012': 1 });
  },
);

test('plan refuses what run would refuse, with the same words', async () => {
  await using world = await setup(1);
  const other = world.env['KONA_CLIENT_PRIVATE_KEY'] ?? '';
  for (const [name, value] of [
    ['KONA_SERVER_PUBLIC_KEY', 'planted'],
    ['KONA_SERVER_PUBLIC_KEY', other],
    ['KONA_CLIENT_PRIVATE_KEY', 'planted'],
    ['KONA_CRYPTO_KEY_ID', 'short'],
    ['KONA_ACCESS_KEY', 'short'],
  ] as const) {
    const changed = { ...world, env: { ...world.env, [name]: value } };
    const planned = failureOf(await runProgram(['plan', 'job.yaml', '--json'], changed), 2);
    expect(planned).toContain(name);
    expect(failureOf(await runProgram(['run', 'job.yaml', '--json'], changed), 2)).toBe(planned);
  }
  expect(world.sandbox.calls()).toEqual([]);
});

test('a whole list is not called in vain: unreadable answers end the run', async () => {
  await using world = await setup(200);
  const end = await runProgram(['run', 'job.yaml', '--json'], withoutClientKey(world));
  const summary = summaryOf(end);
  expect(summary).toMatchObject({ exitCode: 7, state: 'stopped' });
  // The first of two rules that comes true; a call that is repeated is answered 400.
  expect(summary.exitReason).toMatch(
    /(?:20 calls in a row|the rest was not called) \(last: HTTP [24]00; it is encrypted, and KONA_CLIENT_/,
  );
  expect(summary.calls).toBeLessThanOrEqual(20 + 4);
  const second = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
  expect(second).toMatchObject({ exitCode: 0, state: 'complete' });
  expect(world.sandbox.truth()).toHaveLength(200);
});

test.each([
  ['a key of another pair', { KONA_SERVER_PUBLIC_KEY: 'client' }],
  ['a key id of nobody', { KONA_CRYPTO_KEY_ID: 'f'.repeat(32) }],
])('%s: nobody is blamed for our set-up, and nobody is registered', async (_what, change) => {
  await using world = await setup(2);
  const asPublic = ({ n, e, kty }: Record<string, string>): string => JSON.stringify({ kty, n, e });
  const ownKey = asPublic(JSON.parse(world.env['KONA_CLIENT_PRIVATE_KEY'] ?? '') as Record<string, string>);
  const env = 'KONA_SERVER_PUBLIC_KEY' in change ? { KONA_SERVER_PUBLIC_KEY: ownKey } : change;
  const end = await runProgram(['run', 'job.yaml', '--json'], { ...world, env: { ...world.env, ...env } });
  const summary = summaryOf(end);
  expect(summary).toMatchObject({ exitCode: 7, exitCause: 'wrong_setup' });
  expect(classesOf(summary)).toEqual({ unprocessed: 2 });
  expect(world.sandbox.truth()).toEqual([]);
});

test('the private key is nowhere in what is said, also where it is refused', async () => {
  await using world = await setup(1);
  const planted = 'planted-private-key-that-is-none';
  const env = { ...world.env, KONA_CLIENT_PRIVATE_KEY: planted };
  const end = await runProgram(['run', 'job.yaml', '--json'], { ...world, env });
  expect(failureOf(end, 2)).toMatch(/^KONA_CLIENT_PRIVATE_KEY: expected a PEM key/);
  expect(end.stdout + end.stderr).not.toContain(planted);
});
