import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { openTable } from '../../src/intake/open-table.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { reconcile as reconcileProvider, startLater } from './reconciled-world.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { summaryOf } from './program-output.ts';

/** The cards of members 1 and 2 are refused. */
const fixtures = parseFixtures(
  ['cards:', ...[1, 2].map((card) => `  - { par: ${parOf(card)}, answer: "001_003" }`), ''].join('\n'),
);

const columns = 'break,kind,user_id,par,other_user_id,other_par,details,first_night,nights,what_to_do,note';

interface ListsTold {
  readonly openBreaks: readonly { readonly break: number; readonly userId: string }[];
  readonly breakLists: { readonly folder: string; readonly files: readonly string[] } | null;
}

function toldBy(end: ProgramEnd): ListsTold {
  return JSON.parse(end.stdout) as ListsTold;
}

async function setup(engine: (typeof ledgerEngines)[number], members: number): Promise<EnrolmentWorld> {
  const world = await createWorld({ engine, sandbox: { fixtures } });
  await world.writeList('list.csv', listOf(members));
  summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
  return world;
}

/** The cells of a workbook as our own reader has them, the headings among them. */
async function cellsOf(path: string): Promise<string[][]> {
  const { table } = await openTable(
    { kind: 'file', path, sheet: null },
    { encoding: 'auto', header: 'auto', columns: { userId: null, par: null } },
  );
  const rows: string[][] = [];
  for await (const records of table.records({ onBytes: () => undefined })) {
    rows.push(...records.map(({ cells }) => cells.slice()));
  }
  return rows;
}

describe.each(ledgerEngines)('lists of breaks ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('hold every open break with whole ids, and each is an entry of the access log', async () => {
    await using world = await setup(engine, 4);
    const { openBreaks, breakLists } = toldBy(await runProgram(['reconcile', '--json'], world));
    expect(openBreaks.map(({ break: number, userId }) => [number, userId])).toEqual([
      [1, '99*************0001'],
      [2, '99*************0002'],
    ]);
    const folder = breakLists?.folder ?? '';
    expect(folder).toMatch(/\/runs\/breaks\/\d{8}T\d{6}Z-proof-[0-9a-f]{4}$/);
    expect(await readdir(folder)).toEqual(['breaks.csv', 'breaks.xlsx']);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'breaks.csv'))).mode & 0o777).toBe(0o600);
    const text = await readFile(join(folder, 'breaks.csv'), 'utf8');
    const [header, first, second, ...rest] = text.split('\r\n');
    expect(header).toBe(`\uFEFF${columns}`);
    expect(first).toMatch(
      new RegExp(
        `^1,not_enrolled,${userIdOf(1)},${parOf(1)},,,bad_data 001_003,\\d{4}-\\d\\d-\\d\\d,0,"?See its class`,
      ),
    );
    expect(second).toMatch(new RegExp(`^2,not_enrolled,${userIdOf(2)},${parOf(2)},`));
    expect(rest).toEqual(['']);
    const sheet = await cellsOf(join(folder, 'breaks.xlsx'));
    expect(sheet.map((cells) => cells.slice(0, 4))).toEqual([
      columns.split(',').slice(0, 4),
      ['1', 'not_enrolled', userIdOf(1), parOf(1)],
      ['2', 'not_enrolled', userIdOf(2), parOf(2)],
    ]);
    const log = await runProgram(['access-log'], world);
    expect(log.stdout).toMatch(/exported +breaks\.csv of \d{8}T\d{6}Z-proof-[0-9a-f]{4} +2/);
    expect(log.stdout).toMatch(/exported +breaks\.xlsx of \d{8}T\d{6}Z-proof-[0-9a-f]{4} +2/);
    const shown = await runProgram(['reconcile', '--reports', 'elsewhere'], world);
    expect(shown.stdout).toMatch(
      /All of them with whole ids: breaks\.csv and breaks\.xlsx in \S+\/elsewhere\/breaks\/\S+\n/,
    );
    expect(await readdir(join(world.cwd, 'elsewhere', 'breaks'))).toHaveLength(1);
  });

  it('are written after the provider was asked, and are in the language of the report', async () => {
    await using world = await createWorld({ engine, job: 'report: { language: ko }' });
    await world.writeList('list.csv', listOf(2));
    summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    await using later = await startLater({ 1: [1] });
    const end = await reconcileProvider(world, later);
    const { openBreaks, breakLists } = toldBy(end);
    expect(openBreaks).toHaveLength(1);
    const text = await readFile(join(breakLists?.folder ?? '', 'breaks.csv'), 'utf8');
    expect(text).toContain(`1,missing_at_provider,${userIdOf(2)},${parOf(2)},`);
    expect(text).toMatch(/[가-힣]/);
  });

  it('are not written where they have no entry in the log, and are forgotten by their age', async () => {
    await using world = await setup(engine, 4);
    await writeFile(join(world.cwd, 'runs', 'breaks'), 'a file in the place of the folder');
    const refused = await runProgram(['reconcile'], world);
    expect(refused).toMatchObject({ exitCode: 8 });
    expect(refused.stderr).toContain('a file is in the place of a folder');
    await rename(join(world.cwd, 'runs', 'breaks'), join(world.cwd, 'runs', 'moved.txt'));
    const { breakLists } = toldBy(await runProgram(['reconcile', '--json'], world));
    const folder = breakLists?.folder ?? '';
    const old = folder.replace(/\d{8}T\d{6}Z-proof/, '20200101T000000Z-proof');
    await rename(folder, old);
    const { breakLists: younger } = toldBy(await runProgram(['reconcile', '--json'], world));
    // The run must be old too, or nobody knows of the directory.
    const ledger = await openLedger(world.ledger.address);
    await ledger.query(
      `update run set started_at = started_at - interval '40 days', finished_at = finished_at - interval '40 days'`,
    );
    await ledger.close();
    const looked = await runProgram(['purge', '--older-than', '30d', '--dry-run'], world);
    expect(looked.stdout).toMatch(/folders with lists of open breaks +1\n/);
    await runProgram(['purge', '--older-than', '30d', '--yes'], world);
    expect(await readdir(join(world.cwd, 'runs', 'breaks'))).toEqual([younger?.folder.split('/').at(-1)]);
  });
});
