import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { UnfinishedFile } from '../../src/report/folder/unfinished-file.ts';
import { Workbook } from '../../src/report/xlsx/workbook.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { ledgerEngines, type LedgerEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { failureOf, summaryOf } from './program-output.ts';

/** Members 1 and 2 have bad data, 3 an unknown code; the rest is enrolled. */
const fixtures = parseFixtures(
  [
    'cards:',
    ...[1, 2].map((card) => `  - { par: ${parOf(card)}, answer: "001_003" }`),
    `  - { par: ${parOf(3)}, answer: "009_999" }`,
    '',
  ].join('\n'),
);

/** After a night and a comparison: three open breaks, 1 to 3. */
async function setup(engine: LedgerEngine): Promise<EnrolmentWorld & { runId: string; breaksCsv: string }> {
  const world = await createWorld({ engine, sandbox: { fixtures } });
  await world.writeList('list.csv', listOf(5));
  const { runId } = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
  const compared = JSON.parse((await runProgram(['reconcile', '--json'], world)).stdout) as {
    readonly breakLists: { readonly folder: string };
  };
  return { ...world, runId, breaksCsv: join(compared.breakLists.folder, 'breaks.csv') };
}

async function openBreaks(world: EnrolmentWorld): Promise<readonly number[]> {
  const end = await runProgram(['reconcile', '--json'], world);
  const told = JSON.parse(end.stdout) as { openBreaks: readonly { readonly break: number }[] };
  return told.openBreaks.map((one) => one.break);
}

/** The lines of a breaks.csv with notes written into some of them, by number of the break. */
async function noted(path: string, notes: Readonly<Record<number, string>>): Promise<string[]> {
  const [header = '', ...rows] = (await readFile(path, 'utf8')).trimEnd().split('\r\n');
  return [header, ...rows.map((row, index) => `${row}${notes[index + 1] ?? ''}`), ''];
}

describe.each(ledgerEngines)('resolve many ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('settles what flags choose: says how many, asks, and leaves the rest', async () => {
    await using world = await setup(engine);
    const say = async (...argv: string[]) => await runProgram(['resolve', ...argv], world);
    const chosen = ['--kind', 'not_enrolled', '--class', 'bad_data', '--run', world.runId, '--note', 'known'];
    const looked = await say(...chosen, '--dry-run');
    expect(looked).toMatchObject({ exitCode: 0, stderr: '' });
    expect(looked.stdout).toMatch(/^ {2}break +open\n {2}not_enrolled +2\n$/);
    const unasked = failureOf(await say(...chosen, '--json'), 2);
    expect(unasked).toBe('nothing was settled: give --yes to settle 2 breaks, or --dry-run only to look');
    expect(await openBreaks(world)).toEqual([1, 2, 3]);
    expect((await say(...chosen, '--yes')).stdout).toContain('Settled: 2 breaks.\n');
    expect(await openBreaks(world)).toEqual([3]);

    // Records, which explains their breaks as settling one does.
    const records = await say(
      '--class',
      'unknown_code,bad_data',
      '--note',
      'asked by mail',
      '--yes',
      '--json',
    );
    expect(JSON.parse(records.stdout)).toMatchObject({
      chosen: { records: 3, breaks: 0 },
      done: { records: 3, breaks: 1 },
    });
    expect(await openBreaks(world)).toEqual([]);
    const again = await say('--class', 'unknown_code,bad_data', '--note', 'once more', '--yes');
    expect(again).toMatchObject({ exitCode: 0, stdout: 'Nothing is open that this names.\n' });
    const next = await runProgram(['run', 'job.yaml', '--json'], world);
    expect(summaryOf(next)).toMatchObject({ exitCode: 0, resolved: 3 });

    const explained = await runProgram(['explain', 'break:3'], world);
    expect(explained.stdout).toMatch(/^Break 3: not_enrolled, explained, first seen in the night of /);
    expect(explained.stdout).toContain('  unknown_code 009_999\n');
    expect(explained.stdout).toMatch(/ {2}explained by \S+@\S+: asked by mail\n/);
    expect(explained.stdout).toMatch(/^Member 99\*+0003, PAR PA\*+0003, provider truth$/m);
    const whole = await runProgram(
      ['explain', 'break:3', '--json', '--show-ids', '--reason', 'a test'],
      world,
    );
    expect(JSON.parse(whole.stdout)).toMatchObject({
      break: { break: 3, userId: userIdOf(3), state: 'explained', explained: { note: 'asked by mail' } },
      records: [{ userId: userIdOf(3) }],
    });
    expect((await runProgram(['access-log'], world)).stdout).toMatch(/explain break:3, record \d+/);
  });

  it('says what it does not understand', async () => {
    await using world = await setup(engine);
    const refusal = async (...argv: string[]) =>
      failureOf(await runProgram(['resolve', ...argv, '--json'], world), 2);
    expect(await refusal()).toContain('name a record');
    expect(await refusal('--kind', 'not_enrolled')).toContain('say why with --note');
    expect(await refusal('--kind', 'lost', '--note', 'x')).toMatch(
      /^--kind: "lost" is none of not_enrolled, /,
    );
    expect(await refusal('--class', 'enrolled', '--note', 'x')).toMatch(/^--class: "enrolled" is none of /);
    expect(await refusal('--run', 'none', '--note', 'x')).toContain('no run none in the ledger');
    expect(await refusal('break:1', '--kind', 'not_enrolled', '--note', 'x')).toContain(
      'do not name a record',
    );
    expect(await refusal('breaks.csv', '--note', 'x')).toContain('a note for each row');
    expect(await refusal('breaks.csv')).toContain('breaks.csv');
    expect(failureOf(await runProgram(['explain', 'break:99', '--json'], world), 2)).toContain('no break 99');
    expect(await refusal(join('runs', world.runId, 'results.csv'))).toContain('is no list of breaks');
  });

  it('takes a breaks.csv handed back: noted rows are explained, nothing of one that does not match', async () => {
    await using world = await setup(engine);
    const hand = async (lines: readonly string[], ...argv: string[]) => {
      await writeFile(join(world.cwd, 'handed.csv'), lines.join('\r\n'));
      return await runProgram(['resolve', 'handed.csv', ...argv], world);
    };
    // What a spreadsheet does to a long number, a column sorted by itself, and a number that is none.
    const good = await noted(world.breaksCsv, { 1: '"new card, by mail"', 2: 'left' });
    const damaged = good.map((line, index) =>
      index === 2 ? line.replace(userIdOf(2), '10000000000000000000') : line,
    );
    const refused = await hand(damaged, '--yes');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('nothing was settled: 1 row does not match the ledger');
    expect(refused.stderr).toContain('line 3: the user id is not that of break 2');
    expect(`${refused.stdout}${refused.stderr}`).not.toContain(userIdOf(2));
    const sorted = good.map((line) => line.replace(parOf(1), parOf(99)).replace(parOf(2), parOf(1)));
    expect((await hand(sorted, '--yes')).stderr).toContain('line 2: the PAR is not that of break 1');
    const other = good.map((line) => line.replace(/^2,/, '77,').replace(/^1,/, 'x,'));
    const unknown = await hand(other, '--yes');
    expect(unknown.stderr).toContain('line 2: column break holds no number of a break');
    expect(unknown.stderr).toContain('line 3: there is no break 77');
    expect(await openBreaks(world)).toEqual([1, 2, 3]);

    const looked = await hand(good, '--dry-run');
    expect(looked.stdout).toMatch(/with a note +2\n +without a note: left as they are +1\n/);
    expect((await hand(good, '--yes')).stdout).toContain('Settled: 2 breaks.\n');
    expect(await openBreaks(world)).toEqual([3]);
    expect((await runProgram(['explain', 'break:1'], world)).stdout).toContain(': new card, by mail\n');

    // A break that is gone meanwhile is told, and holds up nobody else's note.
    await world.writeList('list.csv', listOf(5).replace(`${userIdOf(1)},${parOf(1)},member 1\n`, ''));
    await runProgram(['run', 'job.yaml', '--json'], world);
    await openBreaks(world);
    const later = await hand(await noted(world.breaksCsv, { 1: 'late', 3: 'known' }), '--yes');
    expect(later.stdout).toContain('line 2: break 1 is closed: a comparison no longer found it\n');
    expect(later.stdout).toContain('Settled: 1 break.\n');
    expect(await openBreaks(world)).toEqual([]);
  });

  it('takes it as Excel saves it: as a workbook, and in the Korean encoding with semicolons', async () => {
    await using world = await setup(engine);
    const lines = await noted(world.breaksCsv, { 1: '고객 확인함' });
    const korean = lines.map((line) => line.replace('\uFEFF', '').replaceAll(',', ';')).join('\r\n');
    await writeFile(join(world.cwd, 'saved.csv'), iconv.encode(korean, 'cp949'));
    expect((await runProgram(['resolve', 'saved.csv', '--yes'], world)).stdout).toContain(
      'Settled: 1 break.',
    );
    expect((await runProgram(['explain', 'break:1'], world)).stdout).toContain(': 고객 확인함\n');

    const [headings = [], first = [], second = []] = lines.map((line) =>
      line.replace('\uFEFF', '').split(','),
    );
    const workbook = new Workbook(world.cwd, 'ko');
    const sheet = workbook.addSheet({
      name: 'breaks',
      kind: 'table',
      headings,
      widths: null,
      isOptional: false,
    });
    await sheet.add([first, [...second.slice(0, -1), 'known']]);
    await workbook.end();
    const file = await UnfinishedFile.create(world.cwd, 'saved.xlsx');
    await workbook.write(file, new Date());
    await file.finish();
    await file.publish(world.cwd);
    await workbook.discard();
    const taken = await runProgram(['resolve', 'saved.xlsx', '--yes'], world);
    expect(taken.stdout).toContain('Settled: 2 breaks.');
    expect(await openBreaks(world)).toEqual([3]);
  });
});
