import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keepPurgedFolder } from '../../src/ledger/proofs/run-folder-table.ts';
import { readRun } from '../../src/ledger/runs/run-table.ts';
import { checkFolder, readRunInLedger, type FolderCheck } from '../../src/report/folder/folder-check.ts';
import { parseManifest } from '../../src/report/folder/manifest.ts';
import { purgeFolder } from '../../src/report/folder/purged-folder.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { openReportWorld, par, readFolder, runId, type PlantedRow } from './report-world.ts';

const rows: readonly PlantedRow[] = [
  { cells: ['1', par(1)], class: 'enrolled', attempts: 1 },
  { cells: ['2', par(2)], class: 'conflict', attempts: 1 },
];

async function openWritten() {
  const world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par'], rows });
  await writeRunFolder(world.options);
  const run = await readRun(world.ledger, world.runNo);
  const known = await readRunInLedger(world.ledger, run, world.runFolder);
  return { ...world, known };
}

function verdictsOf(check: FolderCheck): Record<string, string> {
  return Object.fromEntries(check.files.map(({ name, verdict }) => [name, verdict]));
}

describe('a run folder against its manifest', () => {
  test('is right as it was written, with the ledger and without', async () => {
    await using world = await openWritten();
    const before = await readFolder(world.runFolder);
    const check = await checkFolder(world.runFolder, world.known);
    expect(check).toMatchObject({ runId, problems: [], isRight: true });
    expect(Object.keys(verdictsOf(check))).toEqual(
      Object.keys(before).filter((name) => name !== 'manifest.json'),
    );
    expect(new Set(check.files.map(({ verdict }) => verdict))).toEqual(new Set(['right']));
    expect(await checkFolder(world.runFolder, null)).toEqual(check);
    expect(await readFolder(world.runFolder)).toEqual(before);
  });

  test('tells a file that was changed, also to the same length, and one that is gone', async () => {
    await using world = await openWritten();
    const { 'results.csv': results } = await readFolder(world.runFolder);
    const other = results?.toString().replace('enrolled', 'Enrolled') ?? '';
    await writeFile(join(world.runFolder, 'results.csv'), other);
    await appendFile(join(world.runFolder, 'failed.csv'), '\r\n');
    await rm(join(world.runFolder, 'rejected.csv'));
    const check = await checkFolder(world.runFolder, world.known);
    expect(check.isRight).toBe(false);
    expect(verdictsOf(check)).toMatchObject({
      'results.csv': 'changed',
      'failed.csv': 'changed',
      'rejected.csv': 'missing',
      'succeeded.csv': 'right',
    });
  });

  test('tells what a person has put there, which is no fault', async () => {
    await using world = await openWritten();
    await writeFile(join(world.runFolder, 'corrected.csv'), 'mine');
    const check = await checkFolder(world.runFolder, world.known);
    expect(check).toMatchObject({ isRight: true, problems: [] });
    expect(check.files.at(-1)).toEqual({ name: 'corrected.csv', verdict: 'extra' });
  });

  test('is not right where its manifest was shortened, so that a changed list of ours looks like an extra', async () => {
    await using world = await openWritten();
    const { 'manifest.json': manifest = Buffer.alloc(0) } = await readFolder(world.runFolder);
    const hidden = new Set(['results.csv', 'failed.csv', 'failed.xlsx', 'customers-to-call.csv']);
    const whole = parseManifest(manifest.toString());
    const shortened = { ...whole, files: whole?.files.filter(({ name }) => !hidden.has(name)) };
    await writeFile(join(world.runFolder, 'manifest.json'), JSON.stringify(shortened));
    await appendFile(join(world.runFolder, 'results.csv'), 'forged');
    await rm(join(world.runFolder, 'failed.csv'));
    const problems = ['results.csv', 'failed.csv', 'customers-to-call.csv', 'failed.xlsx'].map(
      (name) => `its manifest.json does not name ${name}`,
    );
    expect(await checkFolder(world.runFolder, null)).toMatchObject({ isRight: false, problems });
    expect(await checkFolder(world.runFolder, world.known)).toMatchObject({
      isRight: false,
      problems: [
        ...problems,
        'its manifest.json is not one that the program wrote for this run',
        "its results.csv does not hold the ledger's rows: it has more rows than the ledger",
      ],
    });
  });

  test('of a purge lacks the lists rightly, and holds what the purge has left', async () => {
    await using world = await openWritten();
    const at = new Date('2027-02-22T00:00:00.000Z');
    await purgeFolder(world.runFolder, at, async (before, after) => {
      await keepPurgedFolder(world.ledger, world.runNo, { before, after, at });
    });
    const run = await readRun(world.ledger, world.runNo);
    const known = await readRunInLedger(world.ledger, run, world.runFolder);
    const check = await checkFolder(world.runFolder, known);
    expect(check).toMatchObject({ isRight: true, problems: [] });
    expect(verdictsOf(check)).toMatchObject({ 'results.csv': 'purged', 'summary.json': 'right' });
    await rm(join(world.runFolder, 'summary.json'));
    expect(verdictsOf(await checkFolder(world.runFolder, null))).toMatchObject({ 'summary.json': 'missing' });
  });

  test.each([
    [
      'without its manifest',
      async (folder: string) => {
        await rm(join(folder, 'manifest.json'));
      },
      'it has no manifest.json: it is not finished',
    ],
    [
      'with a broken manifest',
      async (folder: string) => {
        await writeFile(join(folder, 'manifest.json'), '{"schemaVersion": 1');
      },
      "its manifest.json can't be read",
    ],
    [
      'with a folder in the place of the manifest',
      async (folder: string) => {
        await rm(join(folder, 'manifest.json'));
        await mkdir(join(folder, 'manifest.json'));
      },
      "its manifest.json can't be read",
    ],
    [
      'that is a file',
      async (folder: string) => {
        await rm(folder, { recursive: true });
        await writeFile(folder, 'a file');
      },
      'there is no such folder',
    ],
    [
      'that is not there',
      async (folder: string) => {
        await rm(folder, { recursive: true });
      },
      'there is no such folder',
    ],
  ])('%s is not right', async (_, harm, problem) => {
    await using world = await openWritten();
    await harm(world.runFolder);
    expect(await checkFolder(world.runFolder, world.known)).toMatchObject({
      runId: null,
      problems: [problem],
      isRight: false,
    });
  });
});

describe('a manifest against the ledger', () => {
  test('is of the run that is asked for', async () => {
    await using world = await openWritten();
    const run = { ...world.known.run, id: '20261122T160000Z-nightly-ffff' };
    expect(await checkFolder(world.runFolder, { ...world.known, run })).toMatchObject({
      problems: [`its manifest is of run ${runId}, not of ${run.id}`],
      isRight: false,
    });
  });

  test('names the same list and the same rows', async () => {
    await using world = await openWritten();
    const run = { ...world.known.run, content: 'f'.repeat(64) };
    const classes = { ...world.known.classes, enrolled: 2, conflict: 0 };
    expect(await checkFolder(world.runFolder, { ...world.known, run, classes })).toMatchObject({
      problems: [
        'the ledger keeps another SHA-256 of the list',
        'the ledger counts other rows in class enrolled, conflict',
      ],
      isRight: false,
    });
  });
});
