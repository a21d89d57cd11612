import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, serverEngine } from '../support/ledgers.ts';
import { runProgram, type PointAction } from '../support/program.ts';
import { startRun } from '../support/run-under-way.ts';
import { readLedgerFacts } from './ledger-facts.ts';
import { classesOf, failureOf, summaryOf, type RunSummary } from './program-output.ts';

async function run(world: EnrolmentWorld, ...flags: string[]): Promise<RunSummary> {
  return summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet', ...flags], world));
}

/** Two columns could be the user id: the job, or `--map`, says which. */
const twoIds = [
  'user_id,old_id,par',
  ...[1, 2, 3, 4].map((number) => `${userIdOf(number)},${900 + number},${parOf(number)}`),
  '',
].join('\n');

describe('what is continued, and what is other work', () => {
  test('the same list read by other columns supersedes; by the same ones it goes on', async () => {
    await using world = await createWorld({ engine: embeddedEngine });
    await world.writeList('list.csv', twoIds);
    const byOld = ['--map', 'old_id=userId'];
    const begun = await run(world, '--limit', '1');
    expect(begun).toMatchObject({ exitCode: 6, calls: 1 });
    const other = await run(world, ...byOld, '--limit', '1');
    expect(other).toMatchObject({ exitCode: 6, calls: 1 });
    expect(other.runId).not.toBe(begun.runId);
    const closed = JSON.parse(await world.readReport(begun.runId, 'summary.json')) as RunSummary;
    expect(closed).toMatchObject({ state: 'superseded', totalsAgree: true });
    const more = await run(world, ...byOld, '--limit', '1');
    expect(more).toMatchObject({ exitCode: 6, calls: 2, runId: other.runId });
    const asked = world.sandbox.calls().map((call) => call.userId);
    expect(asked).toEqual([userIdOf(1), '901', '902']);
  });

  test('columns the job file names count as much as those of a flag', async () => {
    await using world = await createWorld({ engine: embeddedEngine });
    await world.writeList('list.csv', twoIds);
    const begun = await run(world, '--map', 'old_id=userId', '--limit', '1');
    await world.writeJob('proof', 'csv: list.csv', 'csv: list.csv, columns: { userId: old_id }');
    const ended = summaryOf(await runProgram(['run', 'proof.yaml', '--json', '--quiet'], world));
    expect(ended).toMatchObject({ exitCode: 0, runId: begun.runId, calls: 4 });
    const asked = world.sandbox.calls().map((call) => Number(call.userId));
    expect(asked.toSorted((a, b) => a - b)).toEqual([901, 902, 903, 904]);
  });

  test('--again supersedes a run that began without, and the other way round', async () => {
    await using world = await createWorld({ engine: embeddedEngine });
    await world.writeList('list.csv', listOf(3));
    const begun = await run(world, '--limit', '1');
    const again = await run(world, '--again', '--limit', '2');
    expect(again).toMatchObject({ exitCode: 6, calls: 2 });
    expect(again.runId).not.toBe(begun.runId);
    // What was never called goes first; what is left is the record that is called although we hold its success.
    const more = await run(world, '--again', '--limit', '9');
    expect(more).toMatchObject({ exitCode: 0, runId: again.runId, calls: 3 });
    expect(classesOf(more)).toEqual({ enrolled: 2, already_active: 1 });
    await run(world, '--again', '--limit', '1');
    const without = await run(world);
    expect(without).toMatchObject({ exitCode: 0, calls: 0 });
    expect(classesOf(without)).toEqual({ already_done: 3 });
    const facts = await readLedgerFacts(world.ledger.address);
    expect(facts.runs).toEqual(['superseded', 'complete', 'superseded', 'complete']);
  });
});

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while the folder of the first of two lists is written', (signal: PointAction, exitCode) => {
  test('the first run is complete, the second list is told, and it is no 0', async () => {
    await using world = await createWorld({ engine: embeddedEngine });
    await world.writeJob('both', 'list.csv', 'inbox-*.csv');
    const [header = '', ...rows] = listOf(4).trimEnd().split('\n');
    await world.writeList('inbox-a.csv', [header, ...rows.slice(0, 2), ''].join('\n'));
    await world.writeList('inbox-b.csv', [header, ...rows.slice(2, 4), ''].join('\n'));
    const point = { name: 'report_part_written', count: 1, action: signal };
    const end = await runProgram(['run', 'both.yaml', '--json'], { ...world, point });
    expect(end.exitCode).toBe(exitCode);
    const words = `stopped by ${signal}; 1 list was not begun`;
    expect(JSON.parse(end.stdout)).toMatchObject({
      exitCode,
      runs: [
        { state: 'complete', exitCode: 0, classes: { enrolled: 2 } },
        { error: words, exitCode },
      ],
    });
    expect(world.sandbox.calls()).toHaveLength(2);

    const plain = await runProgram(['run', 'both.yaml', '--quiet'], { ...world, point });
    expect(plain.exitCode).toBe(exitCode);
    expect(plain.stdout).toBe('');
    expect(plain.stderr).toMatch(
      new RegExp(`^kona-enroll: exit ${exitCode} \\(signal\\): [^\\n]*${words}\\n`, 'm'),
    );
    const next = await runProgram(['run', 'both.yaml', '--json', '--quiet'], world);
    expect(next.exitCode).toBe(0);
    expect(world.sandbox.calls()).toHaveLength(4);
  });
});

test('--limit is of the whole job: what its first list leaves of it is all the second may call', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeJob('both', 'list.csv', 'inbox-*.csv');
  const [header = '', ...rows] = listOf(5).trimEnd().split('\n');
  await world.writeList('inbox-a.csv', [header, ...rows.slice(0, 2), ''].join('\n'));
  await world.writeList('inbox-b.csv', [header, ...rows.slice(2), ''].join('\n'));
  const limit = async (count: string) => {
    const end = await runProgram(['run', 'both.yaml', '--json', '--quiet', '--limit', count], world);
    const { runs } = JSON.parse(end.stdout) as { runs: { exitCode: number; exitReason: string }[] };
    return [end.exitCode, ...runs.map(({ exitCode, exitReason }) => [exitCode, exitReason])];
  };
  expect(await limit('3')).toEqual([
    6,
    [0, 'complete; every row is done'],
    [6, 'stopped by --limit 3; 2 rows were still due'],
  ]);
  expect(world.sandbox.calls()).toHaveLength(3);
  expect((await limit('2'))[0]).toBe(0);
  expect(world.sandbox.calls()).toHaveLength(5);
});

test('what a limit leaves not begun is told beside the list it stopped in', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeJob('both', 'list.csv', 'inbox-*.csv');
  await world.writeList('inbox-a.csv', listOf(2));
  await world.writeList('inbox-b.csv', listOf(3));
  const limited = await runProgram(['run', 'both.yaml', '--json', '--quiet', '--limit', '1'], world);
  expect(limited.exitCode).toBe(6);
  expect(JSON.parse(limited.stdout)).toMatchObject({
    exitCode: 6,
    runs: [
      { state: 'stopped', exitCode: 6, classes: { enrolled: 1, unprocessed: 1 } },
      { error: '1 list was not begun', exitCode: 6 },
    ],
  });
  const next = await runProgram(['run', 'both.yaml', '--quiet'], world);
  expect(next.exitCode).toBe(0);
  expect(world.sandbox.calls()).toHaveLength(3);
});

describe.each(ledgerEngines)('retry of a run whose list was not staged to its end ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is refused with a sentence, by name and by default: exit 2, nothing changed', async () => {
    await using world = await createWorld({ engine });
    await world.writeList('list.csv', listOf(3_000));
    const point = { name: 'rows_staged', count: 2, action: 'SIGKILL' } as const;
    expect((await runProgram(['run', 'job.yaml'], { ...world, point })).signal).toBe('SIGKILL');
    await expectRetryRefused(world);
  });
});

const onServer = serverEngine.missing ? test.skip : test;

onServer('retry of a run that another process is staging is refused (server Postgres)', async () => {
  const until = ['rows_staged', 1] as const;
  await using begun = await startRun({ engine: serverEngine, records: 3_000, until });
  const { world, program } = begun;
  program.kill('SIGSTOP');
  await expectRetryRefused(world);
  program.kill('SIGCONT');
  expect(summaryOf(await program.ended)).toMatchObject({ exitCode: 0, list: { rowsRead: 3_000 } });
  expect(world.sandbox.calls()).toHaveLength(3_000);
});

async function expectRetryRefused(world: EnrolmentWorld): Promise<void> {
  const before = await readLedgerFacts(world.ledger.address);
  expect(before.runs).toEqual(['staging']);
  const ledger = await openLedger(world.ledger.address);
  const [staging] = await ledger.query<{ id: string }>('select id from run');
  await ledger.close();
  const runId = staging?.id ?? '';
  const named = await runProgram(['retry', '--run', runId, '--json'], world);
  expect(failureOf(named, 2)).toBe(`run ${runId} has no rows to take: it is staging`);
  const byDefault = await runProgram(['retry', '--json'], world);
  expect(failureOf(byDefault, 2)).toBe('the ledger holds no run to take failures from');
  expect(await readLedgerFacts(world.ledger.address)).toEqual(before);
}
