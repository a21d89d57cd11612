import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OvertakenError, type RowSource } from '../../src/ledger/ledger-port.ts';
import { raiseEpoch } from '../../src/ledger/runs/run-table.ts';
import { ReportFolderError } from '../../src/report/folder/report-folder-error.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import {
  folderFiles,
  openReportWorld,
  par,
  readFolder,
  readJson,
  readTable,
  type PlantedRow,
} from './report-world.ts';

const rows: readonly PlantedRow[] = [
  { cells: ['1', par(1)], class: 'enrolled', attempts: 1 },
  { cells: ['2', par(2)], class: 'transient', attempts: 1 },
  { cells: ['3', par(3)], class: 'unprocessed' },
];
const planted = { header: ['user_id', 'par'], rows };

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => error,
  );
}

/** The ledger, but `before` is done ahead of the n-th statement that reads rows or the run. */
function watched(ledger: RowSource, statement: RegExp, nth: number, before: () => Promise<void>): RowSource {
  let seen = 0;
  return {
    bulk: null,
    query: async (sql, parameters) => {
      if (statement.test(sql)) seen += 1;
      if (seen === nth && statement.test(sql)) await before();
      return await ledger.query(sql, parameters);
    },
  };
}

test('a file in the place of the reports folder is one clear error', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  await writeFile(world.options.reportsDirectory, 'no folder');
  const error = await failureOf(writeRunFolder(world.options));
  expect(error).toBeInstanceOf(ReportFolderError);
  expect(error).toMatchObject({ code: 'REPORT_FOLDER', path: world.runFolder, cause: { code: 'ENOTDIR' } });
  expect(String(error)).toContain('a file is in the place of a folder');
  expect(String(error)).toContain(world.runFolder);
});

test('a file in the place of the run folder is too, and one of a file too', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  await mkdir(world.options.reportsDirectory);
  await writeFile(world.runFolder, 'no folder');
  expect(await failureOf(writeRunFolder(world.options))).toMatchObject({
    code: 'REPORT_FOLDER',
    cause: { code: 'EEXIST' },
  });
});

test('a folder in the place of a file leaves no manifest and no dot-file', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  await writeRunFolder(world.options);
  expect(await readdir(world.runFolder)).toContain('manifest.json');
  await using other = await openReportWorld(embeddedEngine, planted);
  await mkdir(join(other.runFolder, 'succeeded.csv', 'x'), { recursive: true });
  expect(await failureOf(writeRunFolder(other.options))).toMatchObject({ code: 'REPORT_FOLDER' });
  const left = await readdir(other.runFolder);
  expect(left).not.toContain('manifest.json');
  expect(left.filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a writing that fails before all files are whole leaves the folder of the one before as it was', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  await writeRunFolder(world.options);
  const before = await readFolder(world.runFolder);
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  const ledger = watched(world.ledger, /from list_row/, 1, () => Promise.reject(full));
  expect(await failureOf(writeRunFolder({ ...world.options, ledger, language: 'ko' }))).toBe(full);
  expect(await readFolder(world.runFolder)).toEqual(before);
});

test('no file has its name before all of them are whole, and the manifest comes last', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  const listings: string[][] = [];
  let reading: Promise<unknown> = Promise.resolve();
  await writeRunFolder({
    ...world.options,
    signals: {
      reached: (point) => {
        expect(point).toBe('report_part_written');
        reading = reading.then(async () => listings.push(await readdir(world.runFolder)));
      },
    },
  });
  await reading;
  expect(listings).toHaveLength(folderFiles.length);
  expect(listings.at(-1)?.toSorted()).toEqual(folderFiles);
});

test('a kill after any file leaves a folder without manifest, which the next writing completes', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  await writeRunFolder(world.options);
  const whole = await readFolder(world.runFolder);
  for (let killAfter = 1; killAfter < folderFiles.length; killAfter += 1) {
    let parts = 0;
    const killed = new Error('killed');
    const reached = (): void => {
      parts += 1;
      if (parts === killAfter) throw killed;
    };
    expect(await failureOf(writeRunFolder({ ...world.options, signals: { reached } }))).toBe(killed);
    expect(await readdir(world.runFolder)).not.toContain('manifest.json');
  }
  await writeRunFolder(world.options);
  expect(await readFolder(world.runFolder)).toEqual(whole);
});

test('a process that was overtaken meanwhile puts no file over those of the other', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  const ledger = watched(world.ledger, /from run where/, 2, async () => {
    await raiseEpoch(world.ledger, world.runNo);
    await writeRunFolder({ ...world.options, state: 'superseded' });
  });
  expect(await failureOf(writeRunFolder({ ...world.options, ledger }))).toBeInstanceOf(OvertakenError);
  expect(await readJson(world.runFolder, 'summary.json')).toMatchObject({ state: 'superseded' });
  expect((await readdir(world.runFolder)).toSorted()).toEqual(folderFiles);
});

test('a row that changes its class while the report is written makes no report', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  const ledger = watched(world.ledger, /array_to_json/, 1, async () => {
    await world.ledger.query(`update list_row set class = 'enrolled' where class = 'transient'`);
  });
  expect(await failureOf(writeRunFolder({ ...world.options, ledger }))).toMatchObject({
    code: 'REPORT_ROWS',
  });
  expect(await readdir(world.runFolder)).toEqual([]);
});

test('a row that is missing is told by the summary, and the rows after it are there', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  await world.ledger.query('delete from list_row where row_no = 2');
  const { summary } = await writeRunFolder({ ...world.options, totalsAgree: false });
  expect(summary).toMatchObject({ totalsAgree: false, list: { rowsRead: 3 }, classes: { transient: 0 } });
  const table = await readTable(world.runFolder, 'results.csv');
  expect(table.slice(1).map((cells) => cells[0])).toEqual(['1', '3']);
});

test('a retry has no input file to name a hash of', async () => {
  await using world = await openReportWorld(embeddedEngine, { ...planted, kind: 'retry' });
  const { summary } = await writeRunFolder(world.options);
  expect(summary.list.sha256).toBeNull();
  expect(await readJson(world.runFolder, 'manifest.json')).toMatchObject({ input: { sha256: null } });
});

test('settings of another version leave the rate unknown and the report whole', async () => {
  await using world = await openReportWorld(embeddedEngine, planted);
  await world.ledger.query(`update run set settings = '{"limits":{"rate":"20/s"}}'`);
  const { summary } = await writeRunFolder(world.options);
  expect(summary.rate.allowed).toBe('unknown');
});
