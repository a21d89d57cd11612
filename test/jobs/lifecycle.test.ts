import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, serverEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { startRun } from '../support/run-under-way.ts';

interface ShownSummary {
  readonly runId: string;
  readonly job: string;
  readonly state: string;
  readonly exitCode: number;
  readonly exitReason: string;
  readonly totalsAgree: boolean;
  readonly calls: number;
  readonly list: { readonly name: string; readonly rowsRead: number };
  readonly classes: Readonly<Record<string, number>>;
}

async function run(
  world: EnrolmentWorld,
  ...argv: string[]
): Promise<ShownSummary & { readonly code: number | null }> {
  const end = await runProgram([...argv, '--json', '--quiet'], world);
  return { ...(JSON.parse(end.stdout) as ShownSummary), code: end.exitCode };
}

function present(classes: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(classes).filter(([, count]) => count > 0));
}

/** Members 1 and 2 have conditions, 3 is a conflict; the rest is enrolled. */
const conditions = parseFixtures(
  [
    'registered:',
    `  - { par: ${parOf(3)}, user: "77" }`,
    'cards:',
    `  - { par: ${parOf(1)}, answer: "007_031" }`,
    `  - { par: ${parOf(2)}, answer: "001_003" }`,
    '',
  ].join('\n'),
);

describe.each(ledgerEngines)('from run to run ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('a failed.csv handed back is a request: every record of it is called again, also tonight', async () => {
    await using world = await createWorld({ engine, sandbox: { fixtures: conditions } });
    await world.writeList('list.csv', listOf(6));
    const first = await run(world, 'run', 'job.yaml');
    expect(first).toMatchObject({ code: 3, state: 'complete', totalsAgree: true, calls: 6 });
    expect(present(first.classes)).toEqual({ enrolled: 3, action_required: 1, bad_data: 1, conflict: 1 });

    const same = await run(world, 'run', 'job.yaml');
    expect(same).toMatchObject({ code: 3, calls: 0 });
    expect(present(same.classes)).toEqual({ already_done: 3, action_required: 1, bad_data: 1, conflict: 1 });

    await writeFile(join(world.cwd, 'list.csv'), await world.readReport(same.runId, 'failed.csv'));
    const handedBack = await run(world, 'run', 'job.yaml');
    expect(handedBack).toMatchObject({ code: 3, calls: 3 });
    expect(handedBack.list.rowsRead).toBe(3);
    expect(world.sandbox.calls()).toHaveLength(9);
    const header = (await world.readReport(handedBack.runId, 'results.csv')).split('\r\n')[0];
    expect(header).toBe(
      '\uFEFFuser_id,par,name,line,class,code,message,who_must_act,attempts,http_status,correlation_id,first_attempt_at,last_attempt_at,note,run',
    );
  }, 1_200_000);

  it('retry takes what may come again, and others only when named', async () => {
    await using world = await createWorld({ engine, sandbox: { fixtures: conditions } });
    await world.writeList('list.csv', listOf(6));
    const first = await run(world, 'run', 'job.yaml');
    const byDefault = await run(world, 'retry', '--run', first.runId);
    expect(byDefault).toMatchObject({ code: 3, job: 'retry-proof', calls: 1 });
    expect(present(byDefault.classes)).toEqual({ action_required: 1 });
    const named = await run(world, 'retry', '--run', first.runId, '--class', 'bad_data,conflict');
    expect(named).toMatchObject({ code: 3, calls: 2 });
    expect(present(named.classes)).toEqual({ bad_data: 1, conflict: 1 });
    const byCode = await run(
      world,
      'retry',
      '--run',
      first.runId,
      '--class',
      'bad_data,conflict',
      '--code',
      '001_003',
    );
    expect(present(byCode.classes)).toEqual({ bad_data: 1 });
    const tooYoung = await run(world, 'retry', '--run', first.runId, '--older-than', '24h');
    expect(tooYoung).toMatchObject({ code: 0, calls: 0 });
    expect(tooYoung.list.rowsRead).toBe(0);
    const oneNight = await run(world, 'retry', '--run', first.runId, '--nights', '1');
    expect(present(oneNight.classes)).toEqual({ action_required: 1 });
    const twoNights = await run(world, 'retry', '--run', first.runId, '--nights', '2');
    expect(twoNights.list.rowsRead).toBe(0);
    const results = await world.readReport(named.runId, 'results.csv');
    expect(results).toContain(`${userIdOf(2)},${parOf(2)},member 2,3,bad_data`);
  }, 1_200_000);

  it('--limit stops with what was due, the same command goes on; another list closes the run first', async () => {
    await using world = await createWorld({ engine });
    await world.writeList('list.csv', listOf(10));
    const limited = await run(world, 'run', 'job.yaml', '--limit', '4');
    expect(limited).toMatchObject({ code: 6, state: 'stopped', calls: 4 });
    expect(present(limited.classes)).toEqual({ enrolled: 4, unprocessed: 6 });
    const more = await run(world, 'run', 'job.yaml', '--limit', '2');
    expect(more).toMatchObject({ code: 6, runId: limited.runId, calls: 6 });
    await world.writeList('list.csv', listOf(12));
    const other = await run(world, 'run', 'job.yaml');
    expect(other).toMatchObject({ code: 0, calls: 6 });
    expect(other.runId).not.toBe(limited.runId);
    expect(present(other.classes)).toEqual({ already_done: 6, enrolled: 6 });
    const closed = JSON.parse(await world.readReport(limited.runId, 'summary.json')) as ShownSummary;
    expect(closed).toMatchObject({ state: 'superseded', totalsAgree: true });
    expect(present(closed.classes)).toEqual({ enrolled: 6, unprocessed: 4 });
    const status = await run(world, 'status', limited.runId);
    expect(status).toMatchObject({ state: 'superseded', supersededBy: other.runId });
  }, 1_200_000);

  it('--again calls what we hold as success and finds it active', async () => {
    await using world = await createWorld({ engine });
    await world.writeList('list.csv', listOf(3));
    await run(world, 'run', 'job.yaml');
    const again = await run(world, 'run', 'job.yaml', '--again');
    expect(again).toMatchObject({ code: 0, calls: 3 });
    expect(present(again.classes)).toEqual({ already_active: 3 });
  }, 1_200_000);

  it('a glob is one run a file, in name order, and the worst exit code; a refused file stops nobody', async () => {
    await using world = await createWorld({ engine, sandbox: { fixtures: conditions } });
    await writeFile(
      join(world.cwd, 'glob.yaml'),
      (await readFile(join(world.cwd, 'job.yaml'), 'utf8')).replace('list.csv', 'inbox-*.csv'),
    );
    const [header = '', ...rows] = listOf(9).trimEnd().split('\n');
    await world.writeList('inbox-a.csv', [header, ...rows.slice(3, 6), ''].join('\n'));
    await world.writeList('inbox-b.csv', [header, ...rows.slice(0, 3), ''].join('\n'));
    await world.writeList('inbox-c.csv', [header, ...rows.slice(6, 9), ''].join('\n'));
    await world.writeList('inbox-d.csv', 'name\nnobody\n');
    const end = await runProgram(['run', 'glob.yaml', '--json', '--quiet'], world);
    const all = JSON.parse(end.stdout) as {
      exitCode: number;
      runs: (Partial<ShownSummary> & { error?: string })[];
    };
    expect(end.exitCode).toBe(5);
    expect(all.exitCode).toBe(5);
    expect(all.runs.map((one) => [one.list?.name ?? one.error, one.exitCode])).toEqual([
      ['inbox-a.csv', 0],
      ['inbox-b.csv', 3],
      ['inbox-c.csv', 0],
      [expect.stringContaining('inbox-d.csv, line 1'), 5],
    ]);
  }, 1_200_000);

  it('a list too short for 20 calls in a row that nobody answers is exit 7, and is called again from there', async () => {
    await using world = await createWorld({
      engine,
      job: 'retry: { attempts: 2, backoff: 1ms..2ms }\nlimits: { rate: 1000/s, concurrency: 4, timeout: 1s }',
    });
    await world.writeList('list.csv', listOf(3));
    const nobody = { ...world, env: { ...world.env, KONA_BASE_URL: 'http://127.0.0.1:9' } };
    const down = await runProgram(['run', 'job.yaml', '--json'], nobody);
    expect(down.exitCode).toBe(7);
    expect(JSON.parse(down.stdout)).toMatchObject({ state: 'stopped', calls: 6, classes: { transient: 3 } });
    const up = await run(world, 'run', 'job.yaml');
    expect(up).toMatchObject({ code: 0, runId: (JSON.parse(down.stdout) as ShownSummary).runId });
    expect(present(up.classes)).toEqual({ enrolled: 3 });
  }, 1_200_000);

  it('totals that do not agree are exit 9, with a banner, whatever else happened', async () => {
    await using world = await createWorld({ engine });
    await world.writeList('list.csv', listOf(6));
    await run(world, 'run', 'job.yaml', '--limit', '2');
    const ledger = await openLedger(world.ledger.address);
    await ledger.query(`delete from list_row where row_no = (select max(row_no) from list_row)`);
    await ledger.close();
    const end = await runProgram(['run', 'job.yaml'], world);
    expect(end.exitCode).toBe(9);
    expect(end.stdout).toContain('BROKEN TOTALS');
    expect(end.stdout).toContain('6 rows read, 5 rows in a class: enrolled 5');
    expect(world.sandbox.calls()).toHaveLength(5);

    // Never complete: the same command comes back to it, calls nobody and says it again.
    const same = await run(world, 'run', 'job.yaml', '--allow-failures');
    expect(same).toMatchObject({ code: 9, exitCode: 9, state: 'stopped', totalsAgree: false, calls: 5 });
    expect(same.exitReason).toMatch(/^BROKEN TOTALS: /);
    expect(await run(world, 'status', same.runId)).toMatchObject({ state: 'stopped', exitCode: 9 });
    const stored = JSON.parse(await world.readReport(same.runId, 'summary.json')) as ShownSummary;
    expect(stored).toMatchObject({ state: 'stopped', exitCode: 9, totalsAgree: false });

    // Another list is not held up, and the broken run keeps what is wrong with it.
    await world.writeList('list.csv', listOf(7));
    // The superseded run's broken totals are the process's end too.
    expect(await run(world, 'run', 'job.yaml')).toMatchObject({ code: 9, state: 'complete' });
    const closed = await run(world, 'status', same.runId);
    expect(closed).toMatchObject({ state: 'superseded', exitCode: 9 });
    expect(world.sandbox.calls()).toHaveLength(7);
  }, 1_200_000);

  it('an empty list is done: it says so and calls nobody', async () => {
    await using world = await createWorld({ engine });
    await world.writeList('list.csv', 'user_id,par\n');
    const end = await runProgram(['run', 'job.yaml'], world);
    expect(end.exitCode).toBe(0);
    expect(end.stdout).toContain('the list has a header and no rows: nothing to do');
    expect(world.sandbox.calls()).toEqual([]);
  });
});

const onServer = serverEngine.missing ? test.skip : test;

onServer(
  'two jobs on the same records at once: each record is called once, the other job takes the outcome over (server Postgres)',
  async () => {
    await using begun = await startRun({
      engine: serverEngine,
      sandbox: { faults: { seed: 3, latencyMs: 30 } },
      job: 'limits: { rate: 200/s, concurrency: 8, timeout: 5s }',
      records: 120,
      until: ['recorded', 10],
    });
    const { world, program: first } = begun;
    const job = await readFile(join(world.cwd, 'job.yaml'), 'utf8');
    await writeFile(join(world.cwd, 'other.yaml'), job.replace('job: proof', 'job: other'));
    const second = await run(world, 'run', 'other.yaml');
    const end = await first.ended;
    const summary = JSON.parse(end.stdout) as ShownSummary;
    expect([end.exitCode, second.code]).toEqual([0, 0]);
    expect(world.sandbox.calls()).toHaveLength(120);
    expect(summary.calls + second.calls).toBe(120);
    expect(second.classes['already_done']).toBe(summary.classes['enrolled']);
    expect([summary.totalsAgree, second.totalsAgree]).toEqual([true, true]);
  },
  1_200_000,
);

onServer(
  'a record that a dead run of another job holds is freed by whoever meets it (server Postgres)',
  async () => {
    await using world = await createWorld({ engine: serverEngine });
    const job = await readFile(join(world.cwd, 'job.yaml'), 'utf8');
    await writeFile(join(world.cwd, 'other.yaml'), job.replace('job: proof', 'job: other'));
    await world.writeList('list.csv', listOf(40));
    const dead = await runProgram(['run', 'job.yaml', '--json', '--quiet'], {
      ...world,
      point: { name: 'bytes_left', count: 5, action: 'SIGKILL' },
    });
    expect(dead.signal).toBe('SIGKILL');
    const other = await run(world, 'run', 'other.yaml');
    expect(other.code).toBe(0);
    expect(world.sandbox.truth()).toHaveLength(40);
    const calls = world.sandbox.calls().length;
    const first = await run(world, 'run', 'job.yaml');
    expect(first).toMatchObject({ code: 0, state: 'complete', totalsAgree: true });
    // What it had recorded itself before it was killed, and what the other job did meanwhile; no call more.
    expect((first.classes['enrolled'] ?? 0) + (first.classes['already_done'] ?? 0)).toBe(40);
    expect(world.sandbox.calls()).toHaveLength(calls);
  },
  1_200_000,
);

test('the rate holds across a kill: the window at the provider counts the dead process too', async () => {
  await using world = await createWorld({
    engine: embeddedEngine,
    job: 'limits: { rate: 30/s, concurrency: 16, timeout: 5s }',
  });
  await world.writeList('list.csv', listOf(90));
  await runProgram(['run', 'job.yaml', '--quiet'], {
    ...world,
    point: { name: 'bytes_left', count: 29, action: 'SIGKILL' },
  });
  expect(await run(world, 'run', 'job.yaml')).toMatchObject({ code: 0 });
  expect(world.sandbox.stats().fullestWindow).toBeLessThanOrEqual(30);
  expect(world.sandbox.truth()).toHaveLength(90);
});
