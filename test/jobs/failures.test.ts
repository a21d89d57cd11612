import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { startSandbox } from '../../src/sandbox/wire/server.ts';
import {
  createWorld,
  jobTextOf,
  listOf,
  type EnrolmentWorld,
  type WorldOptions,
} from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, type LedgerEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { startRun, type RunUnderWay } from '../support/run-under-way.ts';
import { readLedgerFacts } from './ledger-facts.ts';
import { classesOf, expectPlainFailure, failureOf, summaryOf, type RunSummary } from './program-output.ts';

const RECORDS = 30;
const CONCURRENCY = 4;
const run = ['run', 'job.yaml', '--json', '--quiet'];
/** Nothing listens on the lowest ports of a loopback address. */
const NOBODY = '127.0.0.1:1';

/** A short time-out is for a provider that hangs: a well one may be slow on a machine that has other work. */
function jobLines(timeout: '300ms' | '60s'): string {
  return `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: ${timeout} }\nretry: { attempts: 5, backoff: 10ms..50ms }`;
}

async function createListWorld(options: WorldOptions): Promise<EnrolmentWorld> {
  const world = await createWorld({ job: jobLines('60s'), ...options });
  await world.writeList('list.csv', listOf(RECORDS));
  return world;
}

async function runWith(world: EnrolmentWorld, env: Readonly<Record<string, string>>): Promise<ProgramEnd> {
  return await runProgram(run, { cwd: world.cwd, env: { ...world.env, ...env } });
}

/** The same command once the provider is well: it continues the run, and everybody is enrolled, each once. */
function expectCompleted(end: ProgramEnd, begun: RunSummary): RunSummary {
  const summary = summaryOf(end);
  expect(summary).toMatchObject({ exitCode: 0, runId: begun.runId, state: 'complete' });
  expect(summary.list.rowsRead).toBe(RECORDS);
  return summary;
}

describe.each(ledgerEngines)('a provider that is not there ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is exit 7, loses nothing, and the same command completes later', async () => {
    await using world = await createListWorld({ engine });
    const begun = summaryOf(await runWith(world, { KONA_BASE_URL: `http://${NOBODY}` }));
    expect(begun).toMatchObject({ exitCode: 7, state: 'stopped' });
    expect(Object.keys(classesOf(begun)).toSorted()).toEqual(['transient', 'unprocessed']);
    expect(begun.calls).toBeLessThan(20 + CONCURRENCY);
    expect(world.sandbox.calls()).toEqual([]);

    const ended = expectCompleted(await runProgram(run, world), begun);
    expect(classesOf(ended)).toEqual({ enrolled: RECORDS });
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
    expect(world.sandbox.truth()).toHaveLength(RECORDS);
  });

  it('or refuses our credentials: exit 7 at once, nobody is marked', async () => {
    await using world = await createListWorld({ engine });
    const begun = summaryOf(await runWith(world, { KONA_SECRET_KEY: 'another-key' }));
    expect(begun).toMatchObject({ exitCode: 7, state: 'stopped' });
    expect(classesOf(begun)).toEqual({ unprocessed: RECORDS });
    expect(world.sandbox.calls().length).toBeLessThanOrEqual(CONCURRENCY);
    const facts = await readLedgerFacts(world.ledger.address);
    expect(facts.records).toEqual({ pending: RECORDS });
    expect(facts.attempts).toBe(world.sandbox.calls().length);

    const ended = expectCompleted(await runProgram(run, world), begun);
    expect(classesOf(ended)).toEqual({ enrolled: RECORDS });
    expect(world.sandbox.truth()).toHaveLength(RECORDS);
  });
});

test('credentials refused to sixteen calls at once: their records are as they were, nobody is called after', async () => {
  const most = 16;
  await using world = await createListWorld({
    engine: embeddedEngine,
    sandbox: { faults: { seed: 1, latencyMs: 300 } },
    job: `limits: { rate: 1000/s, concurrency: ${most}, timeout: 60s }`,
  });
  await world.writeList('list.csv', listOf(60));
  const begun = summaryOf(await runWith(world, { KONA_SECRET_KEY: 'another-key' }));
  expect(begun).toMatchObject({ exitCode: 7, state: 'stopped', calls: most });
  expect(classesOf(begun)).toEqual({ unprocessed: 60 });
  expect(world.sandbox.calls().map((call) => call.answer)).toEqual(Array(most).fill('000_401'));
  const facts = await readLedgerFacts(world.ledger.address);
  expect(facts).toMatchObject({ records: { pending: 60 }, attempts: most });

  const ended = summaryOf(await runProgram(run, world));
  expect(ended).toMatchObject({ exitCode: 0, runId: begun.runId });
  expect(classesOf(ended)).toEqual({ enrolled: 60 });
});

describe('a provider that does not answer', () => {
  test.each([
    ['hangs before it works', { hang: { probability: 1, when: 'before' } }, 'enrolled'],
    ['resets after it worked', { reset: { probability: 1, when: 'after' } }, 'recovered'],
  ] as const)('%s: exit 7 after 20, all made good later', async (_, fault, found) => {
    await using world = await createListWorld({ engine: embeddedEngine, job: jobLines('300ms') });
    const statePath = join(world.cwd, 'provider.ndjson');
    const ill = await startSandbox({ statePath, faults: { seed: 1, ...fault } });
    const begun = summaryOf(await runWith(world, { KONA_BASE_URL: ill.baseUrl }));
    const silent = new Set(ill.calls().map((call) => call.userId)).size;
    expect(begun).toMatchObject({ exitCode: 7, state: 'stopped', calls: ill.calls().length });
    expect(begun.calls).toBeGreaterThanOrEqual(20);
    expect(begun.calls).toBeLessThan(20 + CONCURRENCY);
    expect(classesOf(begun)).toEqual({ ambiguous: silent, unprocessed: RECORDS - silent });
    await ill.close();

    await world.writeList('job.yaml', jobTextOf({ job: jobLines('60s') }));
    await using well = await startWell(statePath);
    const ended = expectCompleted(await runWith(world, { KONA_BASE_URL: well.sandbox.baseUrl }), begun);
    const again = found === 'recovered' ? silent : 0;
    expect(ended.classes).toMatchObject({ recovered: again, enrolled: RECORDS - again });
    expect(well.sandbox.calls()).toHaveLength(RECORDS);
    expect(well.sandbox.truth()).toHaveLength(RECORDS);
  });
});

async function startWell(statePath: string) {
  const sandbox = await startSandbox({ statePath });
  return {
    sandbox,
    [Symbol.asyncDispose]: async () => {
      await sandbox.close();
    },
  };
}

describe('a ledger that can not be used: exit 8, nobody is called', () => {
  test('no server answers, or a file is in the place of the folder', async () => {
    await using world = await createListWorld({ engine: embeddedEngine });
    const down = { DATABASE_URL: `postgres://kona:word@${NOBODY}/ledger` };
    expect(failureOf(await runWith(world, down), 8)).toMatch(/^the ledger's database is not available: /);
    const plain = await runProgram(['status'], { cwd: world.cwd, env: down });
    expect(plain).toMatchObject({ exitCode: 8, stdout: '' });
    expect(plain.stderr).toContain('once the database accepts connections, run the same command again');

    await writeFile(join(world.cwd, 'file'), 'not a folder');
    expect(failureOf(await runWith(world, { DATABASE_URL: 'embedded:file' }), 8)).toMatch(
      /folder .*file can't be used/,
    );
    expect(world.sandbox.calls()).toEqual([]);
  });

  describe.each(ledgerEngines)('written by a newer program ($name)', (engine) => {
    const it = engine.missing ? test.skip : test;

    it('is left as it is', async () => {
      await using world = await createListWorld({ engine });
      const ledger = await openLedger(world.ledger.address);
      await ledger.query(`insert into schema_migration (version, name) values (9999, '9999_later.sql')`);
      await ledger.close();
      const words = failureOf(await runProgram(run, world), 8);
      expect(words).toMatch(
        /^the ledger has schema version 9999, this program knows \d+: use the newer program(?:\. The URL is that of DATABASE_URL in the environment\.)?$/,
      );
      expectPlainFailure(await runProgram(['status'], world), 8, words);
      expect(world.sandbox.calls()).toEqual([]);
    });
  });
});

describe.each(ledgerEngines)('a report folder that can not be written ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is exit 8; mended, the same command writes it without a call', async () => {
    await using world = await createListWorld({ engine });
    await writeFile(join(world.cwd, 'runs'), 'not a folder');
    const words = failureOf(await runProgram(run, world), 8);
    expect(words).toMatch(/^The run folder .*runs.* can't be written: a file is in the place of a folder; /);
    const calls = world.sandbox.calls().length;
    expect(calls).toBe(RECORDS);

    await rm(join(world.cwd, 'runs'));
    const summary = summaryOf(await runProgram(run, world));
    expect(summary).toMatchObject({ exitCode: 0, state: 'complete', calls: RECORDS });
    expect(await readdir(join(world.cwd, 'runs', summary.runId))).toContain('manifest.json');
    expect(world.sandbox.calls()).toHaveLength(calls);
    expect((await readLedgerFacts(world.ledger.address)).runs).toEqual(['complete']);
  });
});

/** A slow run that is so far on that it has told where it stands. */
async function startSlowRun(engine: LedgerEngine): Promise<RunUnderWay> {
  return await startRun({
    engine,
    sandbox: { faults: { seed: 1, latencyMs: 100 } },
    job: 'limits: { rate: 1000/s, concurrency: 1, timeout: 60s }',
    records: 1_000,
    // A holder tells where it is every second, on a server every two: 30 calls take three.
    until: ['recorded', 30],
  });
}

describe.each(ledgerEngines)('while another live process runs the job ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('a second start is exit 8 and says who; status names run and progress', async () => {
    await using slow = await startSlowRun(engine);
    const { world, program } = slow;
    const who = `process ${program.pid} on `;
    const words = failureOf(await runProgram(run, world), 8);
    expect(words).toContain(who);
    expect(words).toMatch(/, since \d{4}-\d\d-\d\d \d\d:\d\d Asia\/Seoul/);

    const plain = await runProgram(['status'], world);
    expect(plain).toMatchObject({ exitCode: 0, stderr: '' });
    const [, live = '', progress = ''] =
      /^(live: job proof, .*?-proof-[0-9a-f]{4})\n(.*)$/ms.exec(plain.stdout) ?? [];
    const liveLine = live.replaceAll('\n', ' ');
    expect(liveLine).toContain(who);
    expect(liveLine).toMatch(
      /, since \d{4}-\d\d-\d\d \d\d:\d\d Asia\/Seoul, run \d{8}T\d{6}Z-proof-[0-9a-f]{4}$/,
    );
    expect(progress).toMatch(/^ +\d+\/1000 called · running · \d+\.\d (calls\/s )?of /);
    expect(plain.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const asJson = await runProgram(['status', '--json'], world);
    const status = JSON.parse(asJson.stdout) as { live: { pid: number; progress: { calls: number } }[] };
    expect(status.live).toMatchObject([{ pid: program.pid, progress: { due: 1_000 } }]);
    expect(status.live[0]?.progress.calls).toBeGreaterThan(0);
  });
});

test('retry, explain and status RUN with nothing in the ledger: exit 2; status alone says so', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  for (const argv of [['retry'], ['explain', '1234567890'], ['status', '20261123T000000Z-proof-0000']]) {
    expect(failureOf(await runProgram([...argv, '--json'], world), 2)).toMatch(/ledger/);
  }
  const status = await runProgram(['status'], world);
  expect(status).toMatchObject({ exitCode: 0, stdout: 'The ledger holds no run yet.\n' });
});

test('a reader that goes away early (| head) does not break a run', async () => {
  await using world = await createListWorld({ engine: embeddedEngine });
  const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url));
  const child = spawn(process.execPath, [bin, 'run', 'job.yaml'], {
    cwd: world.cwd,
    env: { PATH: process.env['PATH'] ?? '', ...world.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  child.stderr.destroy();
  expect(await once(child, 'close')).toEqual([0, null]);
  const runId = (await readdir(join(world.cwd, 'runs'))).find((name) => name.includes('-proof-'));
  expect(await readdir(join(world.cwd, 'runs', runId ?? ''))).toContain('manifest.json');
  expect(world.sandbox.truth()).toHaveLength(RECORDS);
});
