import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findMovedFolders, moveToDone, moveToRefused } from '../../../src/service/inbox/inbox-folders.ts';

/** An inbox that its group may write, and the folder of a run in which somebody failed. */
async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'kona-inbox-'));
  onTestFinished(async () => {
    await rm(folder, { recursive: true });
  });
  const inbox = join(folder, 'inbox');
  await mkdir(inbox);
  await chmod(inbox, 0o770);
  const run = { id: '20270101T000000Z-desk-0001', folder: join(folder, 'run') };
  await mkdir(run.folder);
  for (const name of ['report.html', 'failed.xlsx', 'results.csv'])
    await writeFile(join(run.folder, name), `the run’s ${name}`, { mode: 0o600 });
  return { inbox, run };
}

async function modeOf(...path: readonly string[]): Promise<string> {
  return ((await stat(join(...path))).mode & 0o777).toString(8);
}

test('two lists of one name that are refused in the same second lie in two folders, each with its own reason', async () => {
  const { inbox } = await setup();
  const at = new Date('2027-01-01T00:00:00Z');
  for (const count of ['first', 'second', 'third']) {
    await writeFile(join(inbox, 'list.csv'), count);
    await moveToRefused(inbox, 'list.csv', { at, why: { en: `why ${count}`, ko: '이유' } });
  }
  const places = ['20270101T000000Z', '20270101T000000Z-2', '20270101T000000Z-3'];
  expect((await readdir(join(inbox, 'refused'))).toSorted()).toEqual(places);
  for (const [index, count] of ['first', 'second', 'third'].entries()) {
    const place = join(inbox, 'refused', places[index] ?? '');
    expect(await readFile(join(place, 'list.csv'), 'utf8')).toBe(count);
    expect(await readFile(join(place, 'list.csv.reason.txt'), 'utf8')).toBe(
      `\u{FEFF}이유\r\n\r\nwhy ${count}\r\n`,
    );
    expect([await modeOf(place), await modeOf(place, 'list.csv.reason.txt')]).toEqual(['770', '660']);
  }
  // Each of them is old enough to be forgotten at the same time.
  const found = await findMovedFolders(inbox);
  expect(found.map(({ kind, name }) => `${kind}/${name}`).toSorted()).toEqual(
    places.map((place) => `refused/${place}`),
  );
  expect(new Set(found.map(({ at: since }) => since.getTime()))).toEqual(new Set([at.getTime()]));
});

test('a move that was killed at any place is done again from its beginning', async () => {
  const { inbox, run } = await setup();
  const place = join(inbox, 'done', run.id);
  await writeFile(join(inbox, 'list.csv'), 'the list');
  // As a process leaves it that dies while it copies the result.
  await mkdir(place, { recursive: true });
  await chmod(place, 0o770);
  await writeFile(join(place, 'report.html.part'), 'the r');
  await moveToDone(inbox, { name: 'list.csv', isThere: true }, run);
  const whole = ['failed.xlsx', 'list.csv', 'report.html'];
  expect((await readdir(place)).toSorted()).toEqual(whole);
  // As it is where it died after the move, and before the ledger heard of it; a new list came meanwhile.
  await writeFile(join(inbox, 'list.csv'), 'another list');
  await moveToDone(inbox, { name: 'list.csv', isThere: false }, run);
  expect((await readdir(place)).toSorted()).toEqual(whole);
  expect(await readFile(join(place, 'list.csv'), 'utf8')).toBe('the list');
  expect(await readFile(join(place, 'report.html'), 'utf8')).toBe('the run’s report.html');
  expect(await readFile(join(inbox, 'list.csv'), 'utf8')).toBe('another list');
  expect([await modeOf(place), await modeOf(place, 'failed.xlsx')]).toEqual(['770', '660']);
});
