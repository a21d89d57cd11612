import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { openServerLedger } from '../../src/ledger/engine/server-ledger.ts';
import { findFullestWindow } from '../../src/sandbox/wire/call-log.ts';
import { readArrivals } from '../support/arrivals.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { serverEngine } from '../support/ledgers.ts';
import { runProgram, startProgram, type StartedProgram } from '../support/program.ts';

const onServer = serverEngine.missing ? test.skip : test;

const RECORDS = 240;
const RATE = 20;
const CONCURRENCY = 4;

/** Promised between the death of a worker and the next call of the run by another one. */
const TAKEN_OVER_MS = 30_000;
/** What a machine with other work may add before a process that waits has its turn. */
const LOAD_MS = 15_000;

/** No test runs over noon, at which a night ends. */
const timeZone = new Date().getUTCHours() < 12 ? 'America/New_York' : 'Asia/Seoul';
/** Comes an hour apart, and not while the test runs. */
const minute = (new Date().getUTCMinutes() + 40) % 60;

async function withLedger<Row extends object>(world: EnrolmentWorld, sql: string): Promise<readonly Row[]> {
  const ledger = openServerLedger(world.ledger.databaseUrl);
  try {
    return await ledger.query<Row>(sql);
  } finally {
    await ledger.close();
  }
}

/** By the ledger's own times: the longest stretch in which no call left. */
async function readLongestGap(world: EnrolmentWorld): Promise<number> {
  const [row] = await withLedger<{ gap: number }>(
    world,
    `select max(gap)::float8 as gap from (
       select extract(epoch from sent_at - lag(sent_at) over (order by sent_at)) * 1000 as gap
       from attempt where reply_kind <> 'lost') gaps`,
  );
  return row?.gap ?? Infinity;
}

interface Folder {
  readonly files: readonly string[];
  readonly rows: readonly Record<string, string>[];
}

/** The only run folder there is: the names of its files, and its rows without times and ids of run and calls. */
async function readFolder(world: EnrolmentWorld): Promise<Folder> {
  const [run = '', ...others] = (await readdir(join(world.cwd, 'runs'))).filter((name) => name !== 'logs');
  expect(others).toEqual([]);
  const rows = parse<Record<string, string>>(await world.readReport(run, 'results.csv'), {
    bom: true,
    columns: true,
  });
  const told = rows.map(
    ({ run: _run, correlation_id: _id, first_attempt_at: _first, last_attempt_at: _last, ...row }) => row,
  );
  return { files: (await readdir(join(world.cwd, 'runs', run))).toSorted(), rows: told };
}

/**
 * What a run whose processes died tells is what an undisturbed one tells, but for the few calls that were under way at a
 * death: the provider had done their work already when they were repeated.
 */
function expectSameFolder(taken: Folder, single: Folder): void {
  expect(taken.files).toEqual(single.files);
  expect(taken.rows).toHaveLength(single.rows.length);
  let repeated = 0;
  for (const [at, row] of taken.rows.entries()) {
    if (row['class'] !== 'recovered') {
      expect({ ...row, attempts: '1' }).toEqual(single.rows[at]);
      continue;
    }
    repeated += 1;
    const {
      class: _class,
      code: _code,
      attempts: _tries,
      http_status: _status,
      message: _words,
      note: _note,
      ...kept
    } = row;
    expect(single.rows[at]).toMatchObject({ ...kept, class: 'enrolled' });
  }
  expect(repeated).toBeLessThanOrEqual(2 * 2 * CONCURRENCY);
}

/** The first of them that says it; the others go on. */
async function firstToSay(text: string, programs: readonly StartedProgram[]): Promise<StartedProgram> {
  return await Promise.any(
    programs.map(async (program) => {
      await program.said(text);
      return program;
    }),
  );
}

onServer(
  'of three that serve one starts the job; killed and stopped workers’ runs go on elsewhere (server Postgres)',
  async () => {
    let answering = (): void => undefined;
    await using world = await createWorld({
      engine: serverEngine,
      sandbox: {
        now: () => {
          answering();
          return new Date();
        },
      },
      job: [
        `limits: { rate: ${RATE}/s, concurrency: ${CONCURRENCY}, timeout: 5s }`,
        `windows: { timeZone: ${timeZone} }`,
        `schedule: "${minute} * * * *"`,
      ].join('\n'),
    });
    const moreCalls = async (count: number): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const enough = world.sandbox.calls().length + count;
      answering = () => {
        if (world.sandbox.calls().length >= enough) resolve();
      };
      await promise;
    };
    await world.writeList('list.csv', listOf(RECORDS));
    expect(await runProgram(['migrate'], world)).toMatchObject({ exitCode: 0 });
    const programs = Array.from({ length: 3 }, () =>
      startProgram(['serve', 'job.yaml', '--listen', 'none'], world),
    );
    try {
      for (const program of programs) await program.said('serving; Ctrl-C');
      // As if nobody had served for an hour: what came due is there for all three at once.
      await withLedger(world, `update cron_line set looked_at = looked_at - interval '1 hour'`);

      const killed = await firstToSay('begins\n', programs);
      await moreCalls(40);
      killed.kill('SIGKILL');
      const left = programs.filter((program) => program !== killed);
      const stopped = await firstToSay('is continued, because its worker is gone\n', left);
      await moreCalls(40);
      stopped.kill('SIGSTOP');
      const last = left.find((program) => program !== stopped);
      if (last === undefined) throw new Error('of three one is left');
      await last.said('ended with exit 0 (done)');
      stopped.kill('SIGCONT');
      await stopped.said('another process has taken this run over');
      for (const program of left) program.kill('SIGTERM');
      const ends = await Promise.all(programs.map(async ({ ended }) => await ended));
      expect(ends.filter(({ exitCode }) => exitCode === 143)).toHaveLength(2);
      const told = ends.map(({ stderr }) => stderr).join('');
      expect(told.split('is made up for now')).toHaveLength(2);
      expect(told.split('begins\n')).toHaveLength(2);
    } finally {
      for (const program of programs) program.kill('SIGKILL');
    }
    expect(await withLedger(world, 'select decision, ended_at is not null as ended from cron_start')).toEqual(
      [{ decision: 'requested', ended: true }],
    );
    const runs = await withLedger(world, 'select state, exit_code, rows_read from run');
    expect(runs).toEqual([{ state: 'complete', exit_code: 0, rows_read: RECORDS }]);
    const held = await withLedger<{ record: string }>(
      world,
      `select user_id || ' ' || par as record from enrollment where status in ('enrolled', 'recovered')`,
    );
    const truth = world.sandbox.truth().map(({ userId, par }) => `${userId} ${par}`);
    expect(truth).toHaveLength(RECORDS);
    expect(held.map(({ record }) => record).toSorted()).toEqual(truth.toSorted());
    expect(world.sandbox.calls().length).toBeLessThanOrEqual(RECORDS + 2 * 2 * CONCURRENCY);
    expect(await readLongestGap(world)).toBeLessThanOrEqual(TAKEN_OVER_MS + LOAD_MS);
    await using undisturbed = await createWorld({
      engine: serverEngine,
      job: `limits: { rate: 500/s, concurrency: ${CONCURRENCY}, timeout: 5s }`,
    });
    await undisturbed.writeList('list.csv', listOf(RECORDS));
    expect(await runProgram(['run', 'job.yaml', '--quiet'], undisturbed)).toMatchObject({ exitCode: 0 });
    expectSameFolder(await readFolder(world), await readFolder(undisturbed));
    const arrivals = await readArrivals(world);
    expect(findFullestWindow(arrivals.map(({ at }) => at))).toBeLessThanOrEqual(RATE);
  },
);
