import { appendFile, cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findRun } from '../../src/ledger/runs/run-table.ts';
import { listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { forgeManifest, saveFolder, saveTables, setup, type Shown } from './damaged-world.ts';

const right: Shown = { report: 0, verify: 0, status: 0 };
/** The tables disagree among themselves. */
const broken: Shown = { report: 9, verify: 9, status: 9 };
/** They agree, and the run folder, which is as it was written, tells of other rows: neither may be believed. */
const apart: Shown = { report: 8, verify: 8, status: 8 };

const swapped = (column: string): string =>
  `update list_row r set ${column} = o.${column} from list_row o
   where r.run_no = $1 and o.run_no = $1 and r.row_no in (4, 5) and o.row_no = 9 - r.row_no`;

interface Damage {
  readonly what: string;
  readonly statements: readonly string[];
  readonly shown: Shown;
}

const damages: readonly Damage[] = [
  {
    what: 'the members of two enrolled rows are exchanged',
    statements: [
      `update list_row r set user_id = o.user_id, par = o.par from list_row o
       where r.run_no = $1 and o.run_no = $1 and r.row_no in (4, 5) and o.row_no = 9 - r.row_no`,
    ],
    shown: broken,
  },
  {
    what: 'the attempts of two records are exchanged',
    statements: [
      `update attempt a set record_no = o.record_no from attempt o
       where a.run_no = $1 and o.run_no = $1 and a.row_no in (4, 5) and o.row_no = 9 - a.row_no`,
    ],
    shown: broken,
  },
  {
    what: 'two rows show the call of each other',
    statements: [swapped('correlation_id')],
    shown: broken,
  },
  {
    what: 'the record of a failed row is gone from the status table',
    statements: [`delete from enrollment where par = '${parOf(2)}'`],
    shown: broken,
  },
  {
    what: 'the totals that were kept at the end are gone',
    statements: ['update run set control_totals = null where run_no = $1'],
    shown: broken,
  },
  {
    what: 'a first success is said to be of another night',
    statements: [`update enrollment set first_success_run_no = $1::integer - 1 where par = '${parOf(4)}'`],
    shown: broken,
  },
  {
    what: 'a call is invented, and the row says it was made',
    statements: [
      `insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, reply_kind, outcome, code, http_status)
       select run_no, row_no, record_no, night, 'invented', sent_at, reply_kind, outcome, code, http_status
       from attempt where run_no = $1 and row_no = 4`,
      `update list_row set attempts = 2, correlation_id = 'invented' where run_no = $1 and row_no = 4`,
    ],
    shown: broken,
  },
  {
    what: 'the words of an answer are others',
    statements: [`update list_row set message = 'all is well' where run_no = $1 and row_no = 2`],
    shown: apart,
  },
  {
    what: 'a cell of the list is another',
    statements: [`update list_row set cells[3] = 'somebody else' where run_no = $1 and row_no = 4`],
    shown: apart,
  },
  {
    what: 'a time is another',
    statements: [
      `update list_row set last_attempt_at = last_attempt_at - interval '1 day' where run_no = $1 and row_no = 4`,
    ],
    shown: apart,
  },
  {
    what: 'the header of the list is another',
    statements: [`update run set header = array['par', 'user_id', 'name'] where run_no = $1`],
    shown: apart,
  },
  {
    what: 'its exit code is another',
    statements: [`update run set exit_code = 0, exit_cause = 'done' where run_no = $1`],
    shown: apart,
  },
];

describe.each(ledgerEngines)('a ledger damaged in other ways ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is seen by report, report --verify and status RUN, and is well again when it is repaired', async () => {
    await using night = await setup(engine);
    await night.world.writeList('list.csv', listOf(1));
    await night.run();
    await night.world.writeList('list.csv', `${listOf(6)}${userIdOf(1)},${parOf(1)},again\n`);
    night.nextNight();
    const { id } = await night.run();
    const { run_no: runNo } = (await findRun(night.ledger, id)) ?? { run_no: 0 };
    expect(await night.show(id)).toEqual(right);
    for (const { what, statements, shown } of damages) {
      const repair = await saveTables(night.ledger);
      const restore = await saveFolder(night.folderOf(id));
      for (const statement of statements) {
        await night.ledger.query(statement, statement.includes('$1') ? [runNo] : []);
      }
      expect({ what, ...(await night.show(id)) }).toEqual({ what, ...shown });
      await repair();
      await restore();
      expect({ what, ...(await night.show(id)) }).toEqual({ what, ...right });
    }
  });

  it('is not a run whose rows a person has settled since, nor one whose records later nights called again', async () => {
    await using night = await setup(engine);
    await night.world.writeList('list.csv', listOf(6));
    const first = await night.run();
    await night.ledger.query(
      `insert into resolution (record_no, class, code, resolved_at, resolved_by, note)
       select record_no, status, code, now(), 'kim', 'seen' from enrollment where par = '${parOf(2)}'`,
    );
    night.nextNight();
    const second = await night.run();
    night.nextNight();
    const third = await night.run({ again: true });
    for (const { id } of [first, second, third])
      expect({ id, ...(await night.show(id)) }).toEqual({ id, ...right });
  });
});

interface FolderDamage {
  readonly what: string;
  readonly harm: (folder: string) => Promise<void>;
  readonly report: 0 | 8;
}

const folderDamages: readonly FolderDamage[] = [
  {
    what: 'results.csv is a folder',
    harm: async (folder) => {
      await rm(join(folder, 'results.csv'));
      await mkdir(join(folder, 'results.csv'));
    },
    report: 8,
  },
  {
    what: 'the line ends of a list are others, as after another editor',
    harm: async (folder) => {
      const path = join(folder, 'failed.csv');
      await writeFile(path, (await readFile(path, 'utf8')).replaceAll('\r\n', '\n'));
      await forgeManifest(folder);
    },
    report: 8,
  },
  {
    what: 'a list lost its last bytes, as on a full disk',
    harm: async (folder) => await truncate(join(folder, 'succeeded.csv'), 40),
    report: 8,
  },
  {
    what: 'the page is empty',
    harm: async (folder) => await writeFile(join(folder, 'report.html'), ''),
    report: 8,
  },
  {
    what: 'the manifest is empty',
    harm: async (folder) => await writeFile(join(folder, 'manifest.json'), ''),
    report: 8,
  },
  {
    what: 'a name leads out of the folder',
    harm: async (folder) => {
      const path = join(folder, 'manifest.json');
      const manifest = JSON.parse(await readFile(path, 'utf8')) as { files: object[] };
      manifest.files.push({ name: '../../list.csv', bytes: 1, sha256: 'x' });
      await writeFile(path, JSON.stringify(manifest));
    },
    report: 8,
  },
  {
    what: 'the workbook has bytes behind its end',
    harm: async (folder) => await appendFile(join(folder, 'report.xlsx'), 'more'),
    report: 8,
  },
];

test('a folder damaged in other ways is seen by all three, and is well when it is put back', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', listOf(6));
  const { id } = await night.run();
  const folder = night.folderOf(id);
  for (const { what, harm, report } of folderDamages) {
    const repair = await saveFolder(folder);
    await harm(folder);
    expect({ what, ...(await night.show(id)) }).toEqual({ what, report, verify: 8, status: 8 });
    await repair();
    expect({ what, ...(await night.show(id)) }).toEqual({ what, ...right });
  }
});

test('the folder of an earlier stop, put back whole, is not that of the end', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', listOf(6));
  const { id } = await night.run({ limit: '2' });
  const folder = night.folderOf(id);
  await cp(folder, `${folder}-stop`, { recursive: true });
  expect((await night.run()).id).toBe(id);
  expect(await night.show(id)).toEqual(right);
  const repair = await saveFolder(folder);
  await rm(folder, { recursive: true });
  await cp(`${folder}-stop`, folder, { recursive: true });
  // Its files are ours, and its rows are not those of the ledger.
  expect(await night.show(id)).toEqual(apart);
  await repair();
  expect(await night.show(id)).toEqual(right);
});

test('--yes moves a folder aside whose rows are not the ledger’s, and writes it from the ledger', async () => {
  await using night = await setup(embeddedEngine);
  await night.world.writeList('list.csv', listOf(3));
  const { id } = await night.run();
  await night.ledger.query(`update list_row set message = 'other' where row_no = 2`);
  await expect(night.report(id)).rejects.toThrow(/as it was written.*line 3 differs in message.*--yes/);
  const { warnings } = await night.report(id, true);
  expect(warnings).toEqual([
    expect.stringMatching(/ledger says something else than the run folder.*\.before-/),
  ]);
  expect(await night.show(id)).toEqual(right);
});
