import { describe, expect, test, vi } from 'vitest';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

/** Each test starts the real program, on a machine that may have other work. */
vi.setConfig({ testTimeout: 400_000 });

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
])('%s: refused for what the rows say, and nobody is registered', async (_what, change) => {
  await using world = await setup(2);
  const asPublic = ({ n, e, kty }: Record<string, string>): string => JSON.stringify({ kty, n, e });
  const ownKey = asPublic(JSON.parse(world.env['KONA_CLIENT_PRIVATE_KEY'] ?? '') as Record<string, string>);
  const env = 'KONA_SERVER_PUBLIC_KEY' in change ? { KONA_SERVER_PUBLIC_KEY: ownKey } : change;
  const end = await runProgram(['run', 'job.yaml', '--json'], { ...world, env: { ...world.env, ...env } });
  expect(classesOf(summaryOf(end))).toEqual({ bad_data: 2 });
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
