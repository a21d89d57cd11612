// What people and programs do to an inbox while a start is at work in it.
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunPoint } from '../../src/domain/run-signals.ts';
import { makeWorkbook, textRow } from '../intake/xlsx/workbook-maker.ts';
import { parOf, userIdOf } from '../support/enrolment-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { startProgram } from '../support/program.ts';
import { startUntil } from '../support/run-under-way.ts';
import { filesIn, listOf, only, rowsOf, runsIn, setup, start, type InboxWorld } from './inbox-world.ts';
import { classesOf } from './program-output.ts';

/** Does `change` the first time that the start comes to `point`, which waits for it. */
async function startWith(world: InboxWorld, point: RunPoint, change: () => void) {
  let left = 1;
  const reached = (passed: RunPoint): void => {
    if (passed !== point) return;
    left -= 1;
    if (left === 0) change();
  };
  const end = await start(world, [], { reached });
  expect(left).toBeLessThanOrEqual(0);
  return end;
}

function callsOf(world: InboxWorld): string[] {
  return world.sandbox.calls().map(({ par }) => String(par));
}

describe.each(ledgerEngines)('a list of an inbox that is still being written ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('while it is read: nobody of it is called, it stays, and the next start takes it whole', async () => {
    await using world = await setup(engine);
    const path = join(world.inbox, 'upload.csv');
    await writeFile(path, listOf(1, 3));
    await writeFile(join(world.inbox, 'whole.csv'), listOf(4));
    const first = await startWith(world, 'rows_staged', () => {
      appendFileSync(path, rowsOf(5));
    });
    expect(first.exitCode).toBe(5);
    expect(first.runs.map(({ exitCause }) => exitCause)).toEqual(['list_refused', 'done']);
    expect(first.runs[0]?.error).toContain('upload.csv was changed while it was being read');
    expect(callsOf(world)).toEqual([parOf(4)]);
    expect(await filesIn(world)).toEqual(['done', 'upload.csv']);
    expect(await runsIn(world)).toEqual(['complete']);

    const { document } = await start(world);
    expect(classesOf(document as Required<typeof document>)).toEqual({ enrolled: 3 });
    expect(await filesIn(world)).toEqual(['done']);
    expect(callsOf(world)).toHaveLength(4);
  });

  it('alone and while it is read, it is not refused for what it lacks yet', async () => {
    await using world = await setup(engine);
    const path = join(world.inbox, 'upload.csv');
    await writeFile(path, listOf(1));
    const { document } = await startWith(world, 'rows_staged', () => {
      appendFileSync(path, rowsOf(3));
    });
    expect(document).toMatchObject({ exitCode: 5, exitCause: 'list_refused' });
    expect(world.sandbox.calls()).toEqual([]);
    expect(await filesIn(world)).toEqual(['upload.csv']);
    expect((await start(world)).document).toMatchObject({ exitCode: 0, list: { rowsRead: 2 } });
  });

  it('while its rows are called: it stays, and the next start calls only what came since', async () => {
    await using world = await setup(engine);
    const path = join(world.inbox, 'upload.csv');
    await writeFile(path, listOf(1, 3));
    const first = await startWith(world, 'answered', () => {
      appendFileSync(path, rowsOf(4));
    });
    expect(first.document).toMatchObject({ exitCode: 0, list: { rowsRead: 2 } });
    expect(await filesIn(world)).toEqual(['done', 'upload.csv']);
    expect(await filesIn(world, 'done', await only(world, 'done'))).toEqual(['failed.xlsx', 'report.html']);
    const second = await start(world);
    expect(second.runs.map(classesOf)).toEqual([{ already_done: 2, enrolled: 1 }]);
    expect(callsOf(world).toSorted()).toEqual([parOf(1), parOf(3), parOf(4)]);
    expect(await filesIn(world)).toEqual(['done']);
  });

  it('another list that takes its name during its run is a list of its own', async () => {
    await using world = await setup(engine);
    const path = join(world.inbox, 'members.csv');
    await writeFile(path, listOf(1, 3));
    const first = await startWith(world, 'answered', () => {
      writeFileSync(`${path}.part`, listOf(4, 5));
      renameSync(`${path}.part`, path);
    });
    expect(first.runs.map(classesOf)).toEqual([{ enrolled: 2 }]);
    expect(await readFile(path, 'utf8')).toBe(listOf(4, 5));
    const second = await start(world);
    expect(second.runs.map(classesOf)).toEqual([{ enrolled: 2 }]);
    const moved = join(world.inbox, 'done', second.document.runId ?? '', 'members.csv');
    expect(await readFile(moved, 'utf8')).toBe(listOf(4, 5));
    expect(await filesIn(world)).toEqual(['done']);
  });

  it('killed before the move, and another list by then: the first is finished, the other is run', async () => {
    await using world = await setup(engine);
    const path = join(world.inbox, 'members.csv');
    await writeFile(path, listOf(1));
    const point = { name: 'inbox_move', count: 1, action: 'SIGKILL' } as const;
    const killed = await startProgram(['run', 'desk.yaml', '--json'], { ...world, point }).ended;
    expect(killed.signal).toBe('SIGKILL');
    await rm(path);
    await writeFile(path, listOf(3));
    const { runs } = await start(world);
    expect(runs.map(classesOf)).toEqual([{ enrolled: 1 }]);
    expect(callsOf(world)).toEqual([parOf(1), parOf(3)]);
    const folders = await filesIn(world, 'done');
    const contents = await Promise.all(folders.map(async (name) => await filesIn(world, 'done', name)));
    expect(contents.map((names) => names.join(' ')).toSorted()).toEqual([
      'failed.xlsx members.csv report.html',
      'failed.xlsx report.html',
    ]);
    expect(await filesIn(world)).toEqual(['done']);
  });

  it('of two processes the one that waits finds nothing left to do', async () => {
    await using world = await setup(engine);
    await writeFile(join(world.inbox, 'members.csv'), listOf(1));
    // It has the job's lock, and takes ten seconds to trust the young list.
    const first = await startUntil(['run', 'desk.yaml', '--json'], ['rows_staged', 1], world);
    const second = startProgram(['run', 'desk.yaml', '--json', '--wait'], world);
    const ends = await Promise.all([first.ended, second.ended]);
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(ends.map(({ stdout }) => (JSON.parse(stdout) as { exitCause: string }).exitCause)).toEqual([
      'done',
      'nothing_due',
    ]);
    expect(callsOf(world)).toEqual([parOf(1)]);
    expect(await filesIn(world)).toEqual(['done']);
  });
});

test('a half-written list by its name is left without a word, and taken when it has its own', async () => {
  await using world = await setup();
  const names = ['.hidden.csv', 'list.csv.filepart', '~$list.xlsx'];
  for (const name of names) await writeFile(join(world.inbox, name), listOf(1));
  const first = await start(world);
  expect(first.document).toEqual({ exitCode: 0, exitCause: 'nothing_due', runs: [] });
  expect(first.stderr).not.toContain('stays in the inbox');
  await rename(join(world.inbox, 'list.csv.filepart'), join(world.inbox, 'list.csv'));
  expect((await start(world)).document).toMatchObject({ exitCode: 0, classes: { enrolled: 1 } });
  expect(await filesIn(world)).toEqual(['.hidden.csv', 'done', '~$list.xlsx']);
});

test('workbooks and text lists lie in one inbox, and each goes with its own result', async () => {
  await using world = await setup();
  const row = (line: number, member: number): string => textRow(line, userIdOf(member), parOf(member));
  const workbook = makeWorkbook({ rows: textRow(1, 'user_id', 'par') + row(2, 2) + row(3, 3) });
  await writeFile(join(world.inbox, 'a.csv'), listOf(1, 2));
  await writeFile(join(world.inbox, 'b.xlsx'), workbook);
  await writeFile(join(world.inbox, 'c.tsv'), listOf(4).replaceAll(',', '\t'));
  const { exitCode, runs } = await start(world);
  expect(exitCode).toBe(3);
  expect(runs.map(classesOf)).toEqual([
    { enrolled: 1, action_required: 1 },
    { enrolled: 1, action_required: 1 },
    { enrolled: 1 },
  ]);
  const places = await Promise.all(runs.map(async ({ runId }) => await filesIn(world, 'done', runId)));
  expect(places).toEqual([
    ['a.csv', 'failed.xlsx', 'report.html'],
    ['b.xlsx', 'failed.xlsx', 'report.html'],
    ['c.tsv', 'failed.xlsx', 'report.html'],
  ]);
  expect(await readFile(join(world.inbox, 'done', runs[1]?.runId ?? '', 'b.xlsx'))).toEqual(workbook);
});

test('a list that can’t be moved is told, is not run again, and is moved by the first start that can', async () => {
  await using world = await setup();
  await writeFile(join(world.inbox, 'done'), 'a file in the place of the folder');
  await writeFile(join(world.inbox, 'members.csv'), listOf(1));
  const first = await start(world);
  expect(first.exitCode).toBe(8);
  expect(first.runs.map(({ exitCause }) => exitCause)).toEqual(['done', 'folder']);
  expect(first.runs[1]?.error).toContain("members.csv was processed, but can't be moved out of the inbox");
  expect((await start(world)).document).toMatchObject({ exitCode: 8, exitCause: 'folder' });
  expect(await filesIn(world)).toEqual(['done', 'members.csv']);
  await rm(join(world.inbox, 'done'));
  expect((await start(world)).document).toMatchObject({ exitCode: 0, exitCause: 'nothing_due' });
  expect(await filesIn(world, 'done', await only(world, 'done'))).toEqual([
    'failed.xlsx',
    'members.csv',
    'report.html',
  ]);
  expect(callsOf(world)).toEqual([parOf(1)]);
});
