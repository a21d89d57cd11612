import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { findRun } from '../../src/ledger/runs/run-table.ts';
import { proveRun } from '../../src/run/finish/prove-run.ts';
import { reportRun } from '../../src/run/finish/report-run.ts';
import { listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';

import { forgeManifest, saveFolder, saveTables, setup, type Shown } from './damaged-world.ts';

const wrong: Shown = { report: 9, verify: 9, status: 9 };
const right: Shown = { report: 0, verify: 0, status: 0 };

const ledgerDamages: readonly (readonly [what: string, ...statements: string[]])[] = [
  ['two rows are deleted', `delete from list_row where run_no = $1 and row_no in (1, 4)`],
  [
    'two rows are deleted, and the count of what was read with them',
    `delete from list_row where run_no = $1 and row_no in (1, 4)`,
    `update run set rows_read = rows_read - 2 where run_no = $1`,
  ],
  [
    'the classes of two rows are swapped',
    `update list_row set class = case row_no when 4 then 'action_required' else 'enrolled' end where run_no = $1 and row_no in (2, 4)`,
  ],
  [
    'the classes of two rows are swapped, and their records with them',
    `update list_row set class = case row_no when 4 then 'action_required' else 'enrolled' end where run_no = $1 and row_no in (2, 4)`,
    `update enrollment set first_success_run_no = case when par like '%4' then null else $1::integer end where par like '%4' or par like '%2'`,
  ],
  [
    'a success has no attempt',
    `delete from attempt where run_no = $1 and row_no = 4`,
    `update list_row set attempts = 0 where run_no = $1 and row_no = 4`,
  ],
  ['a code is another', `update list_row set code = '009_999' where run_no = $1 and row_no = 2`],
  [
    'an attempt has another outcome',
    `update attempt set outcome = 'conflict' where run_no = $1 and row_no = 2`,
  ],
  ['an attempt is deleted', `delete from attempt where run_no = $1 and row_no = 3`],
  [
    'a row is added',
    `insert into list_row (run_no, row_no, line, cells, class, settled) values ($1, 99, 99, '{x}', 'rejected', true)`,
  ],
  ['a first success is forgotten', `update enrollment set first_success_run_no = null where par like '%1'`],
  [
    'the last of a record that was enrolled before is no success',
    `update attempt set outcome = 'bad_data' where outcome = 'enrolled' and run_no <> $1`,
  ],
  [
    'a repeated row says that its record was not come to',
    `update list_row set class = 'unprocessed', first_row_no = null where run_no = $1 and class = 'duplicate'`,
  ],
  [
    'what was kept at the end is another',
    `update run set control_totals = jsonb_set(control_totals, '{checks,0,expected}', '7') where run_no = $1`,
  ],
];

describe.each(ledgerEngines)('a damaged ledger ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is seen by report, report --verify and status RUN, and is well again when it is repaired', async () => {
    await using night = await setup(engine);
    await night.world.writeList('list.csv', listOf(1));
    await night.run();
    await night.world.writeList(
      'list.csv',
      `${listOf(6)}0,${parOf(9)},x\n${userIdOf(1)},${parOf(1)},again\n`,
    );
    night.nextNight();
    const { id } = await night.run();
    const { run_no: runNo } = (await findRun(night.ledger, id)) ?? { run_no: 0 };
    expect(await night.show(id)).toEqual(right);
    const before = await readdir(night.folderOf(id));
    for (const [what, ...statements] of ledgerDamages) {
      const repair = await saveTables(night.ledger);
      for (const statement of statements) {
        await night.ledger.query(statement, statement.includes('$1') ? [runNo] : []);
      }
      expect({ what, ...(await night.show(id)) }).toEqual({ what, ...wrong });
      await repair();
    }
    expect(await night.show(id)).toEqual(right);
    expect(await readdir(night.folderOf(id))).toEqual(before);
    expect((await night.status(id)).text).toContain('Totals agree\n');
  });
});

async function replaceIn(path: string, text: string, other: string): Promise<void> {
  const before = await readFile(path, 'utf8');
  expect(before).toContain(text);
  await writeFile(path, before.replace(text, other));
}

interface FolderDamage {
  readonly what: string;
  readonly harm: (folder: string) => Promise<void>;
  /** 0: nothing is replaced by writing it again. */
  readonly report: 0 | 8;
  /** What is told. */
  readonly told: string;
}

const folderDamages: readonly FolderDamage[] = [
  {
    what: 'results.csv is altered',
    harm: async (folder) => await replaceIn(join(folder, 'results.csv'), 'enrolled', 'rejected'),
    report: 8,
    told: 'results.csv is changed',
  },
  {
    what: 'results.csv is altered together with its manifest',
    harm: async (folder) => {
      await replaceIn(join(folder, 'results.csv'), 'enrolled', 'rejected');
      await forgeManifest(folder);
    },
    report: 8,
    told: "its results.csv does not hold the ledger's rows: the row on line 2 differs in class",
  },
  {
    what: 'a note is altered together with the manifest',
    harm: async (folder) => {
      await appendFile(join(folder, 'report.html'), '<!-- all is well -->');
      await forgeManifest(folder);
    },
    report: 8,
    told: 'its manifest.json is not one that the program wrote for this run',
  },
  {
    what: 'a line of the manifest is removed',
    harm: async (folder) => {
      const path = join(folder, 'manifest.json');
      const manifest = JSON.parse(await readFile(path, 'utf8')) as { files: { name: string }[] };
      const files = manifest.files.filter(({ name }) => name !== 'failed.csv');
      await writeFile(path, JSON.stringify({ ...manifest, files }));
    },
    report: 8,
    told: 'its manifest.json does not name failed.csv',
  },
  {
    what: 'summary.json is edited',
    harm: async (folder) => await replaceIn(join(folder, 'summary.json'), '"enrolled": 4', '"enrolled": 6'),
    report: 8,
    told: 'the ledger counts other rows in class enrolled',
  },
  {
    what: 'a row is added to results.csv and to the manifest',
    harm: async (folder) => {
      const path = join(folder, 'results.csv');
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\r\n');
      await appendFile(path, `${lines.at(-1)}\r\n`);
      await forgeManifest(folder);
    },
    report: 8,
    told: 'it has more rows than the ledger',
  },
  {
    what: 'the manifest is that of another run',
    harm: async (folder) => {
      const path = join(folder, 'manifest.json');
      const manifest = JSON.parse(await readFile(path, 'utf8')) as { runId: string };
      await writeFile(path, JSON.stringify({ ...manifest, runId: '20261122T160000Z-proof-ffff' }));
    },
    report: 8,
    told: 'its manifest is of run 20261122T160000Z-proof-ffff',
  },
  {
    what: 'a file is missing',
    harm: async (folder) => await rm(join(folder, 'rejected.csv')),
    report: 0,
    told: 'rejected.csv is missing',
  },
  {
    what: 'the manifest is missing',
    harm: async (folder) => await rm(join(folder, 'manifest.json')),
    report: 0,
    told: 'it has no manifest.json',
  },
  {
    what: 'the manifest is missing, and a list is altered',
    harm: async (folder) => {
      await rm(join(folder, 'manifest.json'));
      await appendFile(join(folder, 'failed.csv'), 'forged\r\n');
    },
    report: 8,
    told: 'it has no manifest.json',
  },
  {
    what: 'the folder is gone',
    harm: async (folder) => await rm(folder, { recursive: true }),
    report: 0,
    told: 'there is no such folder',
  },
];

test('a damaged folder is seen by all three, and only what nobody changed is written again', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', listOf(6));
  const { id } = await night.run();
  const folder = night.folderOf(id);
  expect(await night.show(id)).toEqual(right);
  for (const { what, harm, report, told } of folderDamages) {
    const repair = await saveFolder(folder);
    await harm(folder);
    const { text, exitCode } = await night.status(id);
    expect({ what, exitCode }).toEqual({ what, exitCode: 8 });
    expect(text.replaceAll(/\s+/g, ' ')).toContain(told);
    expect({ what, verify: (await night.verify(id)).exitCode }).toEqual({ what, verify: 8 });
    expect({ what, ...(await night.show(id)) }).toEqual({ what, report, verify: 8, status: 8 });
    // What report wrote is right; what it left alone still is not.
    expect({ what, verify: (await night.verify(id)).exitCode }).toEqual({ what, verify: report });
    await repair();
    expect({ what, ...(await night.show(id)) }).toEqual({ what, ...right });
  }
});

test('report --yes moves a changed folder aside, whole; a purge forgets both, and what is left is right', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', listOf(3));
  const { id } = await night.run();
  const folder = night.folderOf(id);
  await appendFile(join(folder, 'failed.csv'), 'corrected by hand\r\n');
  await writeFile(join(folder, 'mine.txt'), 'a note');
  await expect(night.report(id)).rejects.toThrow(/nothing was replaced: failed\.csv\. .*--yes/);
  const { warnings } = await night.report(id, true);
  const aside = (await readdir(join(night.world.cwd, 'runs'))).filter((name) => name.includes('.before-'));
  expect(aside).toHaveLength(1);
  expect(warnings).toEqual([expect.stringContaining(aside[0] ?? '')]);
  expect(await readFile(join(night.world.cwd, 'runs', aside[0] ?? '', 'failed.csv'), 'utf8')).toContain(
    'by hand',
  );
  expect(await readFile(join(night.world.cwd, 'runs', aside[0] ?? '', 'mine.txt'), 'utf8')).toBe('a note');
  expect(await night.show(id)).toEqual(right);
  await night.purge();
  expect(await readdir(join(night.world.cwd, 'runs', aside[0] ?? ''))).toEqual([
    'manifest.json',
    'mine.txt',
    'report.html',
    'summary.json',
  ]);
  expect(await night.show(id)).toEqual({ ...right, report: 2 });
  expect((await night.status(id)).text).toContain('Not proved, but not a fault: the run was purged');
  await appendFile(join(folder, 'report.html'), '<!-- all is well -->');
  await forgeManifest(folder);
  expect((await night.verify(id)).folder?.problems).toEqual([
    'its manifest.json is not one that the program wrote for this run',
  ]);
});

test('a list corrected in the folder of a stopped run outlasts the run being gone on with', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', listOf(4));
  const stopped = await night.run({ limit: '2' });
  expect(stopped.exitCode).toBe(6);
  await appendFile(join(night.folderOf(stopped.id), 'failed.csv'), 'corrected by hand\r\n');
  const ended = await night.run();
  expect(ended.id).toBe(stopped.id);
  const names = await readdir(join(night.world.cwd, 'runs'));
  const aside = names.find((name) => name.startsWith(`${stopped.id}.before-`)) ?? '';
  expect(await readFile(join(night.world.cwd, 'runs', aside, 'failed.csv'), 'utf8')).toContain('by hand');
  expect(await night.show(ended.id)).toEqual(right);
});

test('a run on whose records other runs went on, one that took over, and one that was superseded are right', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', listOf(6));
  const first = await night.run();
  night.nextNight();
  // 2 is called again and fails again, 3 keeps its class, the others are held as success.
  const second = await night.run();
  await night.world.writeList('list.csv', listOf(9));
  night.nextNight();
  const third = await night.run({ limit: '1' });
  await night.world.writeList('list.csv', listOf(10));
  const fourth = await night.run({ again: true });
  for (const { id } of [first, second, third, fourth]) {
    expect({ id, ...(await night.show(id)) }).toEqual({ id, ...right });
  }
  expect((await night.status(third.id)).document).toMatchObject({ state: 'superseded' });
});

test('a superseded run whose totals are broken makes the process end 9, and the new run is well', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', listOf(4));
  const old = await night.run({ limit: '2' });
  await night.ledger.query('update list_row set attempts = attempts + 1 where row_no = 1');
  await night.world.writeList('list.csv', listOf(5));
  const next = await night.run();
  expect(next).toMatchObject({ exitCode: 9, exitCause: 'totals' });
  expect(next.reason).toContain(`BROKEN TOTALS of the run before, ${old.id}: `);
  expect(next.summary).toMatchObject({ totalsAgree: true, state: 'complete' });
  expect(await night.show(next.id)).toEqual(right);
  expect(await night.show(old.id)).toEqual(wrong);
  await night.ledger.query('update list_row set attempts = attempts - 1 where row_no = 1 and attempts > 1');
  // The folder tells of the broken totals until it is written again.
  expect(await night.show(old.id)).toEqual({ status: 8, verify: 8, report: 0 });
  expect(await night.show(old.id)).toEqual(right);
});

test('folders in two languages and places are all right, and what a version without hashes wrote is said to be unproved', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', `${listOf(3)}${userIdOf(1)},${parOf(1)},again\n`);
  const { id } = await night.run();
  const run = await findRun(night.ledger, id);
  if (run === null) throw new Error('no run');
  const elsewhere = join(night.world.cwd, 'other');
  await mkdir(elsewhere);
  const environment = await createRunEnvironment(night.world, night.ledger, { clock: systemClock });
  const options = { language: 'ko', movesAside: false, progress: () => undefined } as const;
  await reportRun(environment, run, { ...options, reportsDirectory: elsewhere });
  const place = { reportsDirectory: elsewhere, folder: join(elsewhere, id), host: 'here' };
  expect((await proveRun(night.ledger, run, place))?.folder).toMatchObject({ isRight: true, said: [] });
  expect(await night.show(id)).toEqual(right);

  // As after a migration over runs of such a version.
  await night.ledger.query('delete from run_folder');
  await night.ledger.query('update run set folders_kept = false');
  expect((await night.verify(id)).folder).toMatchObject({
    isRight: true,
    problems: [],
    said: [expect.stringContaining('kept no hash')],
  });
  await night.ledger.query('update run set control_totals = null, program_version = null');
  expect((await night.status(id)).text).toContain(
    'Not proved, but not a fault: the program that ended the run kept no totals',
  );
  await replaceIn(join(night.folderOf(id), 'results.csv'), 'enrolled', 'rejected');
  expect((await night.status(id)).exitCode).toBe(8);
  await forgeManifest(night.folderOf(id));
  expect((await night.verify(id)).folder?.problems).toEqual([
    "its results.csv does not hold the ledger's rows: the row on line 2 differs in class",
  ]);
});

test('the entry of the access log is there before anything of the folder is', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', listOf(2));
  const { id } = await night.run();
  await rm(night.folderOf(id), { recursive: true });
  await night.ledger.query('alter table access_log rename to access_log_gone');
  await expect(night.report(id)).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
  expect(await readdir(join(night.world.cwd, 'runs'))).not.toContain(id);
  await night.ledger.query('alter table access_log_gone rename to access_log');
  await night.report(id);
  const entries = await night.ledger.query(`select 1 from access_log where what = 'run folder of ${id}'`);
  expect(entries).toHaveLength(2);
});
