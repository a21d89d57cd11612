import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { withLedgerOf } from '../support/ledger-of-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { startEchoingProvider } from './echoing-provider.ts';

const planted = ['9182736455463728190', 'PLANTEDPAR0SECRET0NUMBER001', '8273645546372819001'] as const;
const list = [
  'user_id,par,name',
  `${planted[0]},${planted[1]},also ${planted[0]} and ${planted[1]}`,
  `${planted[2]},no par,rejected`,
  `${userIdOf(7)},${parOf(7)},stays in a later list`,
  '',
].join('\n');

type Say = (...argv: readonly string[]) => Promise<ProgramEnd>;

function sayIn(world: EnrolmentWorld, more: Readonly<Record<string, string>> = {}): Say {
  return async (...argv) => await runProgram(argv, { cwd: world.cwd, env: { ...world.env, ...more } });
}

async function runIdOf(end: Promise<ProgramEnd>): Promise<string> {
  return (JSON.parse((await end).stdout) as { runId: string }).runId;
}

/** As if all that is in the ledger had happened so many days earlier. */
async function age(world: EnrolmentWorld, days: number): Promise<void> {
  await withLedgerOf(world, async (ledger) => {
    const columns = await ledger.query<{ t: string; c: string }>(
      `select c.table_name as t, c.column_name as c from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where table_schema = current_schema() and table_type = 'BASE TABLE'
         and data_type = 'timestamp with time zone' and table_name <> 'schema_migration'`,
    );
    expect(columns.length).toBeGreaterThan(10);
    for (const { t, c } of columns)
      await ledger.query(`update "${t}" set "${c}" = "${c}" - interval '${days} days'`);
  });
}

/** Tables with an id in any column of any row, as text. */
async function tablesWithIds(world: EnrolmentWorld): Promise<readonly string[]> {
  return await withLedgerOf(world, async (ledger) => {
    const tables = await ledger.query<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = current_schema() and table_type = 'BASE TABLE' order by table_name`,
    );
    expect(tables.map((table) => table.name)).toEqual(
      expect.arrayContaining(['access_log', 'attempt', 'enrollment', 'list_row', 'run']),
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await ledger.query(`select 1 from "${name}" t where t::text ~ $1`, [planted.join('|')]);
      if (rows.length > 0) found.push(name);
    }
    return found;
  });
}

/** Files below the reports folder with an id in them; an .xlsx is looked for by its name, its content is packed. */
async function filesWithIds(world: EnrolmentWorld): Promise<readonly string[]> {
  const entries = await readdir(join(world.cwd, 'runs'), { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(2);
  const found: string[] = [];
  for (const { parentPath, name } of files) {
    const text = await readFile(join(parentPath, name), 'latin1');
    if (name.endsWith('.xlsx') || planted.some((id) => text.includes(id))) found.push(name);
  }
  return found.toSorted();
}

interface Manifest {
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly purgedAt?: string }[];
}

describe.each(ledgerEngines)('purge ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('leaves none of what it forgets in the database or the folders, and keeps totals and hashes', async () => {
    await using world = await createWorld({ engine });
    await using provider = await startEchoingProvider('');
    const say = sayIn(world, { KONA_BASE_URL: provider.baseUrl });
    // Refused, and kept as such.
    await world.writeList('list.csv', `${planted[0]},${planted[1]}\n${list}`);
    expect((await say('run', 'job.yaml')).exitCode).toBe(5);
    await world.writeList('list.csv', list);
    const runId = await runIdOf(say('run', 'job.yaml', '--json'));
    await writeFile(join(world.cwd, 'runs', runId, 'corrected.csv'), list);
    await writeFile(join(world.cwd, 'runs', runId, 'note.txt'), 'called them');
    const manifest = JSON.parse(await world.readReport(runId, 'manifest.json')) as Manifest;
    const before = await say('status', runId, '--json');
    await age(world, 100);
    await world.writeList('list.csv', `user_id,par,name\n${userIdOf(7)},${parOf(7)},new\n`);
    const later = await runIdOf(say('run', 'job.yaml', '--json'));
    expect(await tablesWithIds(world)).toEqual(['attempt', 'enrollment', 'list_row']);
    expect(await filesWithIds(world)).toEqual(
      expect.arrayContaining(['corrected.csv', 'failed.csv', 'rejected.csv', 'results.csv']),
    );

    // Says what, and does nothing unasked.
    const looked = await say('purge', '--older-than', '90d', '--dry-run');
    expect(looked).toMatchObject({ exitCode: 0, stderr: '' });
    expect(looked.stdout).toMatch(/list_row: ids, cells and messages +3\n/);
    expect(looked.stdout).toContain('note.txt');
    const unasked = await say('purge', '--older-than', '90d');
    expect(unasked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--yes') as string });
    expect(await tablesWithIds(world)).toEqual(['attempt', 'enrollment', 'list_row']);

    const purged = await say('purge', '--older-than', '90d', '--yes', '--json');
    expect(purged.exitCode).toBe(0);
    const { plan, done } = JSON.parse(purged.stdout) as { plan: object; done: object };
    expect(done).toMatchObject({ runs: 1, rows: 3, attempts: 2, records: 1, folders: 1, accessEntries: 0 });
    expect(plan).toMatchObject(done);
    expect(await tablesWithIds(world)).toEqual([]);
    expect(await filesWithIds(world)).toEqual(
      (await readdir(join(world.cwd, 'runs', later))).filter((name) => name.endsWith('.xlsx')),
    );

    // What is not personal is as it was.
    const { classes } = JSON.parse(before.stdout) as { classes: object };
    expect(classes).toMatchObject({ bad_data: 2, rejected: 1 });
    expect(JSON.parse((await say('status', runId, '--json')).stdout)).toMatchObject({ classes });
    const after = JSON.parse(await world.readReport(runId, 'manifest.json')) as Manifest;
    expect(after.files).toMatchObject(manifest.files);
    expect(after.files).toHaveLength(manifest.files.length);
    const gone = after.files.filter((file) => file.purgedAt !== undefined).map((file) => file.name);
    expect(gone).toEqual(
      manifest.files.map((file) => file.name).filter((name) => /\.(csv|xlsx)$/.test(name)),
    );
    expect(gone).toContain('results.csv');
    expect((await readdir(join(world.cwd, 'runs', runId))).toSorted()).toEqual(
      [
        'manifest.json',
        'note.txt',
        ...manifest.files.map((file) => file.name).filter((name) => !gone.includes(name)),
      ].toSorted(),
    );
    expect((await stat(join(world.cwd, 'runs', runId, 'manifest.json'))).mode & 0o777).toBe(0o600);
    // The younger run has all it had.
    expect(await world.readReport(later, 'results.csv')).toContain(userIdOf(7));
    expect((await say('explain', userIdOf(7))).stdout).toContain(`run ${later} line 2`);

    // Its rows can't be taken again, and it says so.
    for (const argv of [
      ['retry', '--run', runId, '--class', 'bad_data'],
      ['explain', planted[0]],
    ]) {
      expect((await say(...argv)).exitCode).toBe(2);
    }
    expect((await say('retry', '--run', runId)).stderr).toContain('was purged on');
    expect((await say('explain', `${runId}:2`)).stderr).toContain('was purged on');
    const unknown = await say('resolve', `${runId}:2`, '--note', 'x');
    expect(unknown).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('was purged on') as string,
    });

    const again = await say('purge', '--older-than', '90d', '--yes');
    expect(again).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Nothing to forget') as string,
    });
    const log = await say('access-log');
    expect(log.stdout).toMatch(new RegExp(`purged +run ${runId} +3`));
  });

  it('forgets records for good: come back, they cost one call and are found active', async () => {
    await using world = await createWorld({
      engine,
      job: 'guards: { listSize: off }',
    });
    const say = sayIn(world);
    await world.writeJob('proof', 'report: { language: en }', 'report: { language: en, keep: 30d }');
    await world.writeList('list.csv', listOf(3));
    const first = await runIdOf(say('run', 'proof.yaml', '--json'));
    // Not as old as this job keeps its lists.
    await age(world, 29);
    expect((await say('purge', '--yes')).stdout).toContain('Nothing to forget');
    // As the crontab has it: cron mails whatever is printed.
    expect(await say('purge', '--yes', '--quiet')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect((await say('purge', '--quiet')).stdout).toContain('Nothing to forget');
    await age(world, 2);
    await writeFile(join(world.cwd, 'runs', first, '.results.csv.0a1b2c3d.part'), 'left by a kill');
    const purged = await say('purge', '--yes');
    expect(purged.stdout).toMatch(/enrollment: records in no list since +3\n/);
    expect(purged.stderr).toContain(`forgot ${first}: 3 rows`);
    expect(await readdir(join(world.cwd, 'runs', first))).not.toContain('.results.csv.0a1b2c3d.part');
    // Nobody is told that those who stood in it are gone from the lists.
    const compared = await say('reconcile', '--against', 'list');
    expect(compared).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('was purged') as string });
    const again = JSON.parse((await say('run', 'proof.yaml', '--json')).stdout) as object;
    expect(again).toMatchObject({
      calls: 3,
      exitCode: 0,
      totalsAgree: true,
      classes: { already_active: 3 },
    });
    await age(world, 40);
    expect(await say('purge', '--yes', '--quiet')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect((await say('access-log')).stdout.match(/ purged +run /g)).toHaveLength(2);
  });

  it('leaves what is not finished, what is under way, and entries of the access log younger than two years', async () => {
    await using world = await createWorld({ engine });
    const say = sayIn(world);
    await world.writeList('list.csv', listOf(3));
    await say('run', 'job.yaml', '--limit', '1');
    await age(world, 400);
    const left = await say('purge', '--older-than', '1d', '--yes');
    expect(left.stdout).toContain('1 old runs are kept: they are not finished');
    expect(left.stdout).toContain('Nothing to forget');
    // In no list, but claimed, sending, or heard of a moment ago.
    await withLedgerOf(world, async (ledger) => {
      await ledger.query(
        `insert into enrollment (provider, user_id, par, status, prior_status, sending_at, sending_correlation_id, sending_call, claim_run_no, claim_row_no, recorded_at)
         values ('other', '1001', $1, 'sending', 'pending', now(), 'c', 'register', 999, 1, null),
                ('other', '1002', $1, 'pending', null, null, null, null, 999, 1, null),
                ('other', '1003', $1, 'bad_data', null, null, null, null, null, null, now()),
                ('other', '1004', $1, 'bad_data', null, null, null, null, null, null, now() - interval '2 days')`,
        [parOf(1)],
      );
      await ledger.query(
        `insert into access_log (at, actor, host, pid, action, what, rows)
         values (now() - interval '23 months', 'kim', 'there', 1, 'exported', 'young', 1),
                (now() - interval '25 months', 'kim', 'there', 1, 'exported', 'old', 1)`,
      );
    });
    const purged = await say('purge', '--older-than', '1d', '--yes', '--json');
    expect(JSON.parse(purged.stdout)).toMatchObject({
      done: { runs: 0, rows: 0, records: 1, accessEntries: 1 },
    });
    await withLedgerOf(world, async (ledger) => {
      const rows = await ledger.query<{ user_id: string }>(
        `select user_id from enrollment where provider = 'other' order by user_id`,
      );
      expect(rows.map((row) => row.user_id)).toEqual(['1001', '1002', '1003']);
      const whats = await ledger.query<{ what: string }>(`select what from access_log where actor = 'kim'`);
      expect(whats).toEqual([{ what: 'young' }]);
    });
    // The run goes on as if nothing had been.
    const end = JSON.parse((await say('run', 'job.yaml', '--json')).stdout) as object;
    expect(end).toMatchObject({ exitCode: 0, classes: { enrolled: 3 } });
  });

  it('refuses an age of less than a day, and one of before the calendar', async () => {
    await using world = await createWorld({ engine });
    for (const text of ['23h', 'old', '0d', '99999999d']) {
      const refused = await sayIn(world)('purge', '--older-than', text, '--yes');
      expect(refused).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('--older-than') as string,
      });
    }
  });
});
