import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { addPause } from '../../src/ledger/pause-table.ts';
import { noticeSchema } from '../../src/service/notify/notice.ts';
import { runJob } from '../../src/run/run-job.ts';
import type { Summary } from '../../src/report/summary.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { listenForCalls } from '../support/notified-places.ts';
import { ledgerEngines, serverEngine } from '../support/ledgers.ts';
import { runProgram, startProgram, type StartedProgram } from '../support/program.ts';
import { createRunEnvironment } from '../support/run-environment.ts';
import { startRun } from '../support/run-under-way.ts';
import { failureOf, summaryOf } from './program-output.ts';

const RECORDS = 120;
const job = 'limits: { rate: 40/s, concurrency: 8, timeout: 5s, maxCalls: 120 }\nguards: { canary: 0 }';
/** A call whose bytes had left when the pause came has arrived by then. */
const UNDER_WAY_MS = 1_000;

async function told(argv: readonly string[], world: EnrolmentWorld): Promise<Record<string, unknown>> {
  const end = await runProgram([...argv, '--json'], world);
  expect(end.exitCode).toBe(0);
  return JSON.parse(end.stdout) as Record<string, unknown>;
}

/** Pauses while these call, looks around, resumes; each call that arrived meanwhile. */
async function pauseAndResume(world: EnrolmentWorld, programs: readonly StartedProgram[]) {
  const why = ['--for', '2h', '--note', 'it restarts'];
  const paused = await told(['pause', '--provider', 'truth', ...why], world);
  for (const program of programs) await program.said('calls to truth wait until');
  const from = Date.now() + UNDER_WAY_MS;
  // Each process tells others how far it is every second or two.
  let status = await told(['status'], world);
  while (JSON.stringify(status).split('"why":"person"').length <= programs.length) {
    status = await told(['status'], world);
  }
  const shown = (await runProgram(['status'], world)).stdout;
  await systemClock.sleep(Math.max(0, from + UNDER_WAY_MS - Date.now()));
  const until = Date.now();
  const resumed = await told(['resume', '--provider', 'truth'], world);
  for (const program of programs) await program.said('calls to truth go on');
  const meanwhile = (): number[] =>
    world.sandbox.calls().flatMap(({ arrivedAt: at }) => (at > from && at < until ? [at] : []));
  return { paused, resumed, shown, status, meanwhile };
}

describe.each(ledgerEngines)('a pause for all ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('holds a run under way, costs nothing, is shown and kept, and ends when somebody resumes', async () => {
    await using place = await listenForCalls();
    await using begun = await startRun({
      engine,
      job: `${job}\nnotify: { webhook: "${place.url}" }`,
      records: RECORDS,
      until: ['recorded', 10],
    });
    const { world, program } = begun;
    const seen = await pauseAndResume(world, [program]);
    const end = await program.ended;
    expect(seen.paused).toMatchObject({ provider: 'truth', note: 'it restarts', isTakenUp: true });
    expect(seen.resumed).toMatchObject({ provider: 'truth', isTakenUp: true });
    expect(seen.status).toMatchObject({ pauses: [{ provider: 'truth', note: 'it restarts' }] });
    expect(seen.shown).toMatch(/^Paused: truth until /);
    expect(seen.shown).toMatch(/ paused until \d\d:\d\d(?: \(.+\))?: somebody paused it/);

    // As many calls as the purse of the night holds, so none was spent on waiting.
    const summary = summaryOf(end);
    expect(summary).toMatchObject({ exitCode: 0, calls: RECORDS, retries: 0 });
    expect(seen.meanwhile()).toEqual([]);
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
    const { rate } = JSON.parse(end.stdout) as Summary;
    expect(rate.pauses).toMatchObject([{ by: seen.paused['pausedBy'], note: 'it restarts' }]);
    expect(end.stderr).toContain(': it restarts');
    const notice = noticeSchema.parse(JSON.parse(place.heard[0]?.body ?? ''));
    expect([notice.because, place.heard.length]).toEqual([['paused'], 1]);
    expect(notice.pauses).toEqual(rate.pauses);
    expect(await world.readReport(summary.runId, 'report.html')).toMatch(
      /Paused from .+ until .+ by .+@.+: it restarts/,
    );
    expect(await told(['status'], world)).toMatchObject({ pauses: [] });
  });

  it('holds a run that begins in it, until the database’s clock ends it', async () => {
    await using world = await createWorld({ engine, job });
    await world.writeList('list.csv', listOf(3));
    const ledger = await openLedger(world.ledger.address);
    try {
      await addPause(ledger, { provider: 'truth', lengthMs: 7_200_000, by: 'jane@host', note: null });
      const environment = await createRunEnvironment(world, ledger, { clock: systemClock });
      const warned: string[] = [];
      const [result] = await runJob({
        ...environment,
        observer: {
          ...environment.observer,
          warned: (sentence) => {
            warned.push(sentence);
            expect(world.sandbox.calls()).toEqual([]);
            void ledger.query('update provider_pause set ends_at = clock_timestamp()');
          },
        },
      });
      expect(result).toMatchObject({ kind: 'ran', exitCode: 0 });
      expect(warned).toEqual([
        expect.stringMatching(/^calls to truth wait until .+, paused by jane@host$/),
        'calls to truth go on: the pause has ended',
      ]);
      expect(world.sandbox.calls()).toHaveLength(3);
    } finally {
      await ledger.close();
    }
  });

  it('names what it does not know, and resumes nothing where nothing is paused', async () => {
    await using world = await createWorld({ engine, job });
    await world.writeList('list.csv', listOf(2));
    failureOf(await runProgram(['pause', '--for', '30m', '--json'], world), 2);
    failureOf(await runProgram(['pause', '--provider', 'truth', '--json'], world), 2);
    failureOf(await runProgram(['pause', '--provider', 'truth', '--for', '8d', '--json'], world), 2);
    expect((await runProgram(['run', 'job.yaml', '--quiet'], world)).exitCode).toBe(0);
    const slip = await runProgram(['pause', '--provider', 'thruth', '--for', '30m'], world);
    expect(slip.exitCode).toBe(2);
    expect(slip.stderr).toContain('did you mean truth?');
    expect((await runProgram(['resume'], world)).stdout).toBe('truth was not paused: nothing has changed.\n');

    const shown = await runProgram(['pause', '--for', '30m'], world);
    expect(shown.stdout).toMatch(/^Paused: truth until .+ \(30 min\), by\s/);
    expect(Math.max(...shown.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect((await runProgram(['status'], world)).stdout).toMatch(/^Paused: truth until /);
    const note = 'member 9007199254740993000 asks';
    expect(await told(['pause', '--for', '1h', '--note', note], world)).toMatchObject({
      note: 'member 90*************3000 asks',
    });
    const doctor = await runProgram(['doctor', 'job.yaml'], world);
    expect(doctor.stdout).toMatch(/warn +pause of truth +calls wait until/);
    expect((await runProgram(['resume'], world)).stdout).toMatch(/^Resumed: calls to truth continue/);
    expect((await runProgram(['doctor', 'job.yaml'], world)).stdout).not.toContain('pause of truth');
  });
});

describe('a pause for all (server Postgres)', () => {
  const onServer = serverEngine.missing ? test.skip : test;

  onServer('holds every process within about two seconds, and doctor warns and does not call', async () => {
    await using begun = await startRun({
      engine: serverEngine,
      job,
      records: RECORDS,
      until: ['recorded', 5],
    });
    const { world, program } = begun;
    const others = listOf(2 * RECORDS).split('\n');
    await world.writeList('others.csv', [others[0], ...others.slice(RECORDS + 1)].join('\n'));
    await world.writeJob('other', 'list.csv', 'others.csv');
    const second = startProgram(['run', 'other.yaml', '--json'], world);
    try {
      const seen = await pauseAndResume(world, [program, second]);
      expect(seen.status).toMatchObject({ pauses: [{ provider: 'truth', note: 'it restarts' }] });
      const ends = await Promise.all([program.ended, second.ended]);
      expect(ends.map((end) => summaryOf(end).exitCode)).toEqual([0, 0]);
      expect(seen.meanwhile()).toEqual([]);
      expect(world.sandbox.calls()).toHaveLength(2 * RECORDS);
    } finally {
      second.kill('SIGKILL');
      await second.ended;
    }

    await told(['pause', '--for', '2h'], world);
    const doctor = await runProgram(['doctor', 'job.yaml', '--call'], world);
    expect(doctor.exitCode).toBe(0);
    expect(doctor.stdout).toMatch(/warn +pause of truth +calls wait until/);
    expect(doctor.stdout).toMatch(/warn +call +none made: a person has paused the provider/);
    expect(world.sandbox.calls()).toHaveLength(2 * RECORDS);
  });
});
