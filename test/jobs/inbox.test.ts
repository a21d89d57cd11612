import { copyFile, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parOf, userIdOf } from '../support/enrolment-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { aheadMs, filesIn, listOf, only, runsIn, setup, start } from './inbox-world.ts';
import { classesOf, type RunSummary } from './program-output.ts';

describe.each(ledgerEngines)('an inbox ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('runs each list once and moves it with its result; a second start has nothing to do', async () => {
    await using world = await setup(engine);
    await writeFile(join(world.inbox, 'a.csv'), listOf(1, 2));
    await writeFile(join(world.inbox, 'b.csv'), listOf(3));
    const planned = await runProgram(['plan', 'desk.yaml', '--json'], { ...world, aheadMs });
    const { plans } = JSON.parse(planned.stdout) as { plans: { due: number }[] };
    expect(plans.map(({ due }) => due)).toEqual([2, 1]);
    expect(await filesIn(world)).toEqual(['a.csv', 'b.csv']);

    const { exitCode, runs } = await start(world);
    expect(exitCode).toBe(3);
    expect(runs.map(classesOf)).toEqual([{ enrolled: 1, action_required: 1 }, { enrolled: 1 }]);
    expect(await filesIn(world)).toEqual(['done']);
    const [a = '', b = ''] = runs.map(({ runId }) => runId);
    expect(await filesIn(world, 'done', a)).toEqual(['a.csv', 'failed.xlsx', 'report.html']);
    expect(await filesIn(world, 'done', b)).toContain('b.csv');
    expect(await readFile(join(world.inbox, 'done', a, 'a.csv'), 'utf8')).toBe(listOf(1, 2));
    const log = await runProgram(['access-log', '--json'], world);
    const entries = (JSON.parse(log.stdout) as { entries: object[] }).entries;
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: `inbox done/${a}: report.html, failed.xlsx`, rows: 1 }),
        expect.objectContaining({ what: `inbox done/${b}: report.html, failed.xlsx`, rows: 0 }),
      ]),
    );

    const calls = world.sandbox.calls().length;
    expect((await start(world)).document).toEqual({ exitCode: 0, exitCause: 'nothing_due', runs: [] });
    expect(world.sandbox.calls()).toHaveLength(calls);
  });

  it('killed between the manifest and the move, the next start finishes the move without a call', async () => {
    await using world = await setup(engine);
    await writeFile(join(world.inbox, 'a.csv'), listOf(1, 3));
    const killed = await startProgram(['run', 'desk.yaml', '--json'], {
      ...world,
      point: { name: 'inbox_move', count: 1, action: 'SIGKILL' },
    }).ended;
    expect(killed.signal).toBe('SIGKILL');
    expect(await filesIn(world)).toEqual(['a.csv']);
    const calls = world.sandbox.calls().length;
    expect((await start(world)).document).toMatchObject({ exitCode: 0, exitCause: 'nothing_due' });
    expect(world.sandbox.calls()).toHaveLength(calls);
    expect(await filesIn(world, 'done', await only(world, 'done'))).toContain('a.csv');
    expect(await runsIn(world)).toEqual(['complete']);
  });

  it('of two processes one has the inbox; the other is told who', async () => {
    await using world = await setup(engine);
    await writeFile(join(world.inbox, 'a.csv'), listOf(1));
    // Whoever has it waits ten seconds, as the list is young.
    const starts = [1, 2].map(() => startProgram(['run', 'desk.yaml', '--json'], world));
    const ends = await Promise.all(starts.map(async ({ ended }) => await ended));
    expect(ends.map(({ exitCode }) => String(exitCode)).toSorted()).toEqual(['0', '8']);
    expect(world.sandbox.calls()).toHaveLength(1);
    expect(await filesIn(world)).toEqual(['done']);
  });
});

test('a refused list is moved with its reason in Korean and English, and told once', async () => {
  await using world = await setup();
  await writeFile(join(world.inbox, 'broken.csv'), `a,b\n${userIdOf(1)},${parOf(1)}\n`);
  await writeFile(join(world.inbox, 'good.csv'), listOf(1));
  const { exitCode, runs } = await start(world);
  expect(exitCode).toBe(5);
  expect(runs.map(({ exitCause }) => exitCause)).toEqual(['list_refused', 'done']);
  const place = await only(world, 'refused');
  expect(await filesIn(world, 'refused', place)).toEqual(['broken.csv', 'broken.csv.reason.txt']);
  const reason = await readFile(join(world.inbox, 'refused', place, 'broken.csv.reason.txt'), 'utf8');
  expect(reason).toContain('broken.csv, line 1');
  expect(reason).toContain('열이 없습니다');
  const { exitCode: again, stderr: saidAgain } = await start(world);
  expect({ again, said: saidAgain.includes('broken.csv') }).toEqual({ again: 0, said: false });

  // Alone as well, where a list of a folder by itself would end the program.
  await writeFile(join(world.inbox, 'broken.csv'), 'nothing');
  expect((await start(world)).document).toMatchObject({ exitCode: 5, exitCause: 'list_refused' });
  expect(await filesIn(world, 'refused')).toHaveLength(2);
  expect(await filesIn(world)).toEqual(['done', 'refused']);
});

test('a stopped run leaves its list, and the same start continues it', async () => {
  await using world = await setup();
  await writeFile(join(world.inbox, 'a.csv'), listOf(1, 3, 4));
  expect((await start(world, ['--limit', '1'])).document).toMatchObject({ exitCode: 6, exitCause: 'limit' });
  expect(await filesIn(world)).toEqual(['a.csv']);
  expect((await start(world)).document).toMatchObject({ exitCode: 0, exitCause: 'done' });
  expect(world.sandbox.calls()).toHaveLength(3);
  expect(await runsIn(world)).toEqual(['complete']);
  expect(await filesIn(world)).toEqual(['done']);
});

test('the same name twice overwrites nothing, whatever it is', async () => {
  await using world = await setup();
  const texts = [listOf(1, 2), listOf(3)];
  for (const text of texts) {
    await writeFile(join(world.inbox, 'failed.xlsx.csv'), text);
    await start(world);
  }
  const found: string[] = [];
  for (const run of await filesIn(world, 'done'))
    found.push(await readFile(join(world.inbox, 'done', run, 'failed.xlsx.csv'), 'utf8'));
  // Two runs of one second stand in any order.
  expect(found.toSorted()).toEqual(texts.toSorted());
});

test('a list of ours goes through the job’s retries, also where it is called like a result', async () => {
  await using world = await setup();
  await writeFile(join(world.inbox, 'a.csv'), listOf(1, 2));
  const first = await start(world);
  await copyFile(
    join(world.inbox, 'done', first.document.runId ?? '', 'failed.xlsx'),
    join(world.inbox, 'failed.xlsx'),
  );
  const second = await start(world);
  expect(second.document).toMatchObject({ job: 'retry-desk', classes: { action_required: 1 } });
  expect(await filesIn(world, 'done', second.document.runId ?? '')).toEqual([
    'failed.xlsx',
    'list-failed.xlsx',
    'report.html',
  ]);
  expect(await filesIn(world)).toEqual(['done']);
});

test('a list of ours of another job is refused with where it belongs', async () => {
  await using world = await setup();
  await writeFile(join(world.cwd, 'list.csv'), listOf(2));
  const other = JSON.parse((await runProgram(['run', 'job.yaml', '--json'], world)).stdout) as RunSummary;
  await copyFile(join(world.cwd, 'runs', other.runId, 'failed.csv'), join(world.inbox, 'theirs.csv'));
  const { document } = await start(world);
  expect(document).toMatchObject({ exitCode: 5 });
  expect(document.error).toContain('of job proof, and this is the inbox of job desk');
  expect(await filesIn(world)).toEqual(['refused']);
});

test('what is no list is left and told; an inbox that is not there is a usage error', async () => {
  await using world = await setup();
  await writeFile(join(world.inbox, 'letter.pdf'), 'x');
  await world.writeList('elsewhere.csv', listOf(1));
  await symlink(join(world.cwd, 'elsewhere.csv'), join(world.inbox, 'link.csv'));
  const { exitCode, stderr } = await start(world);
  expect(exitCode).toBe(0);
  expect(world.sandbox.calls()).toEqual([]);
  expect(stderr).toContain('letter.pdf stays in the inbox');
  expect(stderr).toContain('link.csv stays in the inbox');
  await world.writeJob('lost', 'csv: list.csv', 'inbox: nowhere');
  const lost = await runProgram(['run', 'lost.yaml'], world);
  expect(lost.exitCode).toBe(2);
  expect(lost.stderr).toContain('list.inbox: the folder nowhere does not exist');
});

test('purge forgets what was done and refused, by the same age', async () => {
  await using world = await setup();
  await writeFile(join(world.inbox, 'a.csv'), listOf(1));
  await writeFile(join(world.inbox, 'broken.csv'), 'nothing');
  await start(world);
  const young = await runProgram(['purge', '--older-than', '90d', '--yes'], world);
  expect(young.stdout).toContain('Nothing to forget');
  const days = 100 * 86_400_000;
  const old = await runProgram(['purge', '--older-than', '90d', '--yes', '--json'], {
    ...world,
    aheadMs: days,
  });
  expect(JSON.parse(old.stdout)).toMatchObject({ done: { runs: 1, inboxFolders: 2 } });
  expect(await filesIn(world, 'done')).toEqual([]);
  expect(await filesIn(world, 'refused')).toEqual([]);
});
