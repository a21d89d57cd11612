import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { openServerLedger } from '../../src/ledger/engine/server-ledger.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, userIdOf, parOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { serverEngine } from '../support/ledgers.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { startRun } from '../support/run-under-way.ts';
import { classesOf, summaryOf } from './program-output.ts';

const json = ['--json', '--quiet'];

/** A connection of the test's own to the world's ledger, in a transaction that holds back others. */
async function holdBack(world: EnrolmentWorld, ...statements: readonly string[]) {
  const client = new pg.Client({ connectionString: world.ledger.databaseUrl });
  await client.connect();
  await client.query('begin');
  for (const statement of statements) await client.query(statement);
  const watcher = openServerLedger(world.ledger.databaseUrl);
  return {
    /** Resolves when so many statements wait for a lock of this database. */
    untilWaiting: async (count: number) => {
      for (let waiting = 0; waiting < count;) {
        const rows = await watcher.query<{ pid: number }>(
          `select distinct l.pid from pg_locks l join pg_stat_activity a on a.pid = l.pid
           where not l.granted and a.datname = current_database()`,
        );
        waiting = rows.length;
      }
    },
    end: async (how: 'commit' | 'rollback') => {
      await client.query(how);
      await client.end();
      await watcher.close();
    },
  };
}

describe('two jobs on the same records', () => {
  const onServer = serverEngine.missing ? test.skip : test;

  onServer('planned at once in opposite orders do not block each other (server Postgres)', async () => {
    const RECORDS = 9;
    await using world = await createWorld({ engine: serverEngine });
    const [header = '', ...rows] = listOf(RECORDS).trimEnd().split('\n');
    await world.writeList('list.csv', [header, ...rows, ''].join('\n'));
    await world.writeList('reversed.csv', [header, ...rows.toReversed(), ''].join('\n'));
    await world.writeJob('other', 'list.csv', 'reversed.csv');
    // Its tables must be there to hold one.
    await (await openLedger(world.ledger.address)).close();
    // Whoever adds this record waits; from either end of the list that is half way through it.
    const held = await holdBack(
      world,
      `insert into enrollment (provider, user_id, par) values ('truth', '${userIdOf(5)}', '${parOf(5)}')`,
    );
    const programs = ['job.yaml', 'other.yaml'].map((job) => startProgram(['run', job, ...json], world));
    await held.untilWaiting(2);
    await held.end('rollback');
    const ends = await Promise.all(programs.map(async (program) => summaryOf(await program.ended)));
    expect(ends.map((end) => [end.exitCode, end.list.rowsRead])).toEqual([
      [0, RECORDS],
      [0, RECORDS],
    ]);
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
    expect(world.sandbox.truth()).toHaveLength(RECORDS);
  });

  onServer('retry of a run that is live calls and counts each record once (server Postgres)', async () => {
    const RECORDS = 300;
    await using begun = await startRun({
      engine: serverEngine,
      sandbox: { faults: { seed: 3, latencyMs: 30 } },
      job: 'limits: { rate: 100/s, concurrency: 8, timeout: 5s }',
      records: RECORDS,
      until: ['recorded', 20],
      argv: ['run', 'job.yaml', ...json],
    });
    const { world, program } = begun;
    const retried = summaryOf(await runProgram(['retry', ...json], world));
    const live = summaryOf(await program.ended);
    expect([live.exitCode, retried.exitCode]).toEqual([0, 0]);
    expect(retried.list.rowsRead).toBeGreaterThan(0);
    expect(retried.list.rowsRead).toBeLessThan(RECORDS);
    expect(Object.keys(classesOf(live)).filter((name) => name !== 'already_done')).toEqual(['enrolled']);
    expect(live.calls + retried.calls).toBe(RECORDS);
    expect(world.sandbox.calls()).toHaveLength(RECORDS);
    expect(new Set(world.sandbox.calls().map((call) => call.par)).size).toBe(RECORDS);
  });

  onServer(
    'a row that ends while a retry takes it is counted as it was taken (server Postgres)',
    async () => {
      await using world = await createWorld({ engine: serverEngine });
      await world.writeList('list.csv', listOf(10));
      expect(summaryOf(await runProgram(['run', 'job.yaml', ...json, '--limit', '4'], world)).calls).toBe(4);
      // The live run's next outcome, not committed when the retry looks first, committed before it takes its rows.
      const held = await holdBack(
        world,
        `update list_row set class = 'enrolled', settled = true where row_no = 5`,
        'lock table list_row in share mode',
      );
      const program = startProgram(['retry', ...json], world);
      await held.untilWaiting(1);
      await held.end('commit');
      const retried = summaryOf(await program.ended);
      expect(retried).toMatchObject({ exitCode: 0, totalsAgree: true, calls: 5, list: { rowsRead: 5 } });
      expect(world.sandbox.calls()).toHaveLength(9);
    },
  );

  onServer('two wrong lists at once stop at two canaries, not at one (server Postgres)', async () => {
    const RECORDS = 200;
    const CANARY = 20;
    const cards = Array.from({ length: RECORDS }, (_, index) => ({
      par: parOf(index + 1),
      answer: '001_003',
    }));
    // The first one's canary is out for so long that the other meets it.
    await using begun = await startRun({
      engine: serverEngine,
      sandbox: { fixtures: parseFixtures(JSON.stringify({ cards })), faults: { seed: 1, latencyMs: 8_000 } },
      job: `limits: { rate: 1000/s, concurrency: ${CANARY}, timeout: 30s }`,
      records: RECORDS,
      until: ['bytes_left', CANARY],
      argv: ['run', 'job.yaml', ...json],
    });
    const { world, program } = begun;
    await world.writeJob('other', 'list.csv', 'list.csv');
    const other = summaryOf(await runProgram(['run', 'other.yaml', ...json], world));
    const first = summaryOf(await program.ended);
    for (const run of [first, other]) {
      expect(run).toMatchObject({ exitCode: 6, state: 'stopped', calls: CANARY });
      expect(run.exitReason).toMatch(/^stopped by guards\.canary: 11 of the 20 /);
    }
    expect(new Set(world.sandbox.calls().map((call) => call.par)).size).toBe(2 * CANARY);
  });
});
