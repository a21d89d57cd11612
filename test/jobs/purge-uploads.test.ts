import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDeskWorld, type DeskWorld } from '../desk/desk-world.ts';
import { listOf, userIdOf } from '../support/enrolment-world.ts';
import { withLedgerOf } from '../support/ledger-of-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';

const DAYS_MS = 86_400_000;
const NAME = 'Hong Gildong.csv';

async function planned(desk: DeskWorld, content: string): Promise<string> {
  const { id } = await desk.upload({ name: NAME, content });
  await desk.until(id, 'planned', 'refused');
  return id;
}

async function purge({ world }: DeskWorld, days: number, ...flags: readonly string[]) {
  const end = await runProgram(['purge', '--older-than', '90d', ...flags], {
    ...world,
    aheadMs: days * DAYS_MS,
  });
  expect(end.exitCode).toBe(0);
  return end;
}

async function foldersOf({ reports }: DeskWorld): Promise<readonly string[]> {
  return (await readdir(join(reports, 'uploads'))).toSorted();
}

/** An ended upload with a rejected row, a refused, a withdrawn, an expired one, and three that are not over. */
async function setup(desk: DeskWorld) {
  const ended = await planned(desk, `${listOf(2)}${userIdOf(3)},short,Hong Gildong\n`);
  await desk.press(ended, 'start');
  await desk.until(ended, 'ended');
  const refused = await planned(desk, 'Hong Gildong');
  const withdrawn = await planned(desk, listOf(3));
  await desk.press(withdrawn, 'withdraw');
  const expired = await planned(desk, listOf(4));
  const waiting = await planned(desk, listOf(5));
  const asked = await planned(desk, listOf(6));
  const running = await planned(desk, listOf(7));
  await desk.serving.stop('SIGTERM');
  await withLedgerOf(desk.world, async (ledger) => {
    await ledger.query(`update desk_upload set state = 'expired' where id = $1::uuid`, [expired]);
    for (const [state, id] of [
      ['asked', asked],
      ['running', running],
    ] as const)
      await ledger.query(
        `update desk_upload set state = $1, request = gen_random_uuid(), asked_by = 'kim', asked_at = now(),
           begun_at = now() where id = $2::uuid`,
        [state, id],
      );
  });
  return { over: [ended, refused, withdrawn, expired], open: [waiting, asked, running], ended, refused };
}

describe.each(ledgerEngines)('purge of uploads ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('forgets files, names and examples of those that are over, and keeps their counts', async () => {
    await using desk = await createDeskWorld({ engine });
    const { over, open, ended, refused } = await setup(desk);
    expect((await purge(desk, 89, '--dry-run')).stdout).toContain('Nothing to forget');
    const looked = await purge(desk, 100, '--dry-run');
    expect(looked.stdout).toMatch(/desk_upload: uploaded files, and their names +4\n/);
    expect(looked.stdout).toContain('3 old uploads are kept: they are not over.');
    expect(await foldersOf(desk)).toEqual([...over, ...open].toSorted());

    const purged = await purge(desk, 100, '--yes', '--json');
    expect(JSON.parse(purged.stdout)).toMatchObject({
      plan: { runs: 1, uploads: 4, openUploads: 3, missingFolders: [] },
      done: { runs: 1, uploads: 4 },
    });
    expect(await foldersOf(desk)).toEqual(open.toSorted());
    await withLedgerOf(desk.world, async (ledger) => {
      // Nothing of the four is personal any more; those that are not over are as they were.
      const named = await ledger.query<{ id: string }>(
        `select id::text as id from desk_upload u where u::text ilike '%gildong%' order by id`,
      );
      expect(named.map(({ id }) => id)).toEqual(open.toSorted());
      // Of the runs only that of the ended upload had such a name.
      expect(await ledger.query('select list_name from run')).toEqual([{ list_name: '***.csv' }]);
      for (const table of ['audit_entry', 'access_log', 'run'])
        expect(
          await ledger.query(
            `select key, value from ${table} t, jsonb_each_text(to_jsonb(t)) where value ilike '%gildong%'`,
          ),
        ).toEqual([]);
      const [kept] = await ledger.query<{ plan: unknown }>(
        `select file_name, stored_name, state, length(sha256) as hash, plan from desk_upload where id = $1::uuid`,
        [ended],
      );
      expect(kept).toMatchObject({ file_name: '***.csv', stored_name: '***.csv', state: 'ended', hash: 64 });
      expect(kept?.plan).toEqual({
        job: 'proof',
        plan: {
          list: { rowsRead: 3 },
          due: 2,
          classes: expect.objectContaining({ unprocessed: 2, rejected: 1 }) as object,
        },
      });
      const [no] = await ledger.query(
        'select refusal, exit_reason, declined_reason from desk_upload where id = $1::uuid',
        [refused],
      );
      expect(no).toEqual({
        refusal: { en: '', ko: null, mayPass: false },
        exit_reason: null,
        declined_reason: null,
      });
      const trail = await ledger.query<{ upload_id: string; access_no: string }>(
        `select a.upload_id::text as upload_id, l.rows from audit_entry a join access_log l on l.entry_no = a.access_no
         where a.what = 'purged' and l.action = 'purged' and l.what = 'upload ' || a.upload_id order by a.upload_id`,
      );
      expect(trail.map((entry) => entry.upload_id)).toEqual(over.toSorted());
      expect(trail.find((entry) => entry.upload_id === ended)).toMatchObject({ rows: 3 });
    });
    expect((await purge(desk, 100, '--yes')).stdout).toContain('Nothing to forget');

    await desk.restart();
    const page = await desk.get(`/uploads/${refused}`, { 'accept-language': 'en' });
    expect(page).toMatchObject({ status: 200 });
    expect(page.text).toContain('The personal data was forgotten by age; the counts remain.');
    // What is forgotten is never read again: its file is gone.
    expect((await desk.press(refused, 'again')).status).toBe(200);
    expect((await desk.get(`/uploads/${refused}`, { 'accept-language': 'en' })).text).toContain('Refused');
    expect((await desk.get(`/uploads/${ended}`)).status).toBe(200);
    expect((await desk.get('/')).text).toContain('***.csv');
  });

  it('goes on where a killed one left off, and tells a folder that is not there', async () => {
    await using desk = await createDeskWorld({ engine });
    const ids = [];
    for (const rows of [1, 2, 3]) {
      const id = await planned(desk, listOf(rows));
      await desk.press(id, 'withdraw');
      ids.push(id);
    }
    const [before = '', after = '', moved = ''] = ids;
    await desk.serving.stop('SIGTERM');
    const uploads = join(desk.reports, 'uploads');
    // Killed before one's files were removed, and after another's; the third is kept on another machine's disk.
    await withLedgerOf(desk.world, async (ledger) => {
      await ledger.query('update desk_upload set purge_began_at = now() where id = any($1::uuid[])', [
        [before, after],
      ]);
    });
    await rm(join(uploads, after), { recursive: true });
    await rename(join(uploads, moved), join(desk.reports, moved));
    const purged = await purge(desk, 100, '--yes', '--json');
    expect(JSON.parse(purged.stdout)).toMatchObject({
      plan: { uploads: 3, missingFolders: [`uploads/${moved}`] },
      done: { uploads: 3 },
    });
    expect(await foldersOf(desk)).toEqual([]);
    await withLedgerOf(desk.world, async (ledger) => {
      expect(await ledger.query('select 1 from desk_upload where purged_at is null')).toEqual([]);
    });
    // Where the folder is found later it is removed, and no entry is written twice.
    await rename(join(desk.reports, moved), join(uploads, moved));
    expect(JSON.parse((await purge(desk, 100, '--yes', '--json')).stdout)).toMatchObject({
      plan: { uploads: 1, missingFolders: [] },
    });
    expect(await foldersOf(desk)).toEqual([]);
    await withLedgerOf(desk.world, async (ledger) => {
      expect(await ledger.query(`select 1 from access_log where action = 'purged'`)).toHaveLength(3);
    });
  });
});
