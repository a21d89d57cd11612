import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { makeWorkbook, textRow } from '../intake/xlsx/workbook-maker.ts';
import { createWorld, listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { joinFlowed } from '../support/flowed-screen.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { readLedgerFacts } from './ledger-facts.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

interface Plan {
  readonly due: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly list: Readonly<Record<string, unknown>>;
  readonly rejections: readonly unknown[];
  readonly dueHistory: unknown;
  readonly difference: unknown;
  readonly size: unknown;
  readonly finishedBefore: { readonly id: string } | null;
  readonly continues: string | null;
  readonly secondsAtLeast: number;
  readonly exitCode: number;
}

function planOf(end: ProgramEnd): Plan {
  const plan = JSON.parse(end.stdout) as Plan;
  expect(end.exitCode).toBe(plan.exitCode);
  return plan;
}

const korean = [
  '2026년 11월 이관 대상',
  '',
  '회원번호,카드토큰,이름',
  `00${userIdOf(1).slice(0, 17)},${parOf(1)},홍길동`,
  `="${userIdOf(2)}",${parOf(2)},"김철수, 과장"`,
  `${userIdOf(3)},${parOf(3).toLowerCase()},이영희`,
  `${userIdOf(4)},${parOf(4)},화천`,
  ',,',
  '합계,4',
  '',
].join('\r\n');

test('a CP949 list with a title, a footer and all that Excel leaves in it is read right, planned and run', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await writeFile(join(world.cwd, 'list.csv'), iconv.encode(korean, 'cp949'));

  const plan = planOf(await runProgram(['plan', 'job.yaml', '--json'], world));
  expect(plan).toMatchObject({
    due: 3,
    exitCode: 0,
    list: {
      format: 'csv',
      verdict: { encoding: 'cp949', how: 'cp949', samples: ['회**호', '카**큰', '홍*동'] },
      headerLine: 3,
      columns: { userId: '회원번호', par: '카드토큰' },
      rowsRead: 4,
      blankLines: 2,
      titleLines: 1,
      totalsLines: 1,
      normalised: { text_formula: 1, leading_zeros: 1 },
    },
    rejections: [{ reason: 'par_lower_case', rows: 1, firstLine: 6 }],
    dueHistory: { neverCalled: 3, calledBefore: 0 },
    difference: null,
    finishedBefore: null,
    continues: null,
    secondsAtLeast: 1,
  });
  // Nothing of it was kept.
  expect(await readLedgerFacts(world.ledger.address)).toEqual({
    runs: [],
    rows: 0,
    records: {},
    attempts: 0,
  });
  expect(world.sandbox.calls()).toEqual([]);

  const end = await runProgram(['run', 'job.yaml'], world);
  expect(end.exitCode).toBe(3);
  expect(end.stderr).toContain('list.csv: CP949 (it is not UTF-8) such as 회**호, 카**큰, 홍*동 · comma · ');
  expect(end.stderr).toContain('1 with written as ="…", 1 with leading zeros of a user id');
  expect(new Set(world.sandbox.calls().map((call) => call.userId))).toEqual(
    new Set([userIdOf(1).slice(0, 17), userIdOf(2), userIdOf(4)]),
  );
  const [runId = ''] = await readdir(join(world.cwd, 'runs')).then((names) =>
    names.filter((name) => name.endsWith('Z-proof') || /Z-proof-/.test(name)),
  );
  const status = await runProgram(['status', runId], world);
  expect(joinFlowed(status.stdout)).toContain(
    '\nread list.csv: CP949 (it is not UTF-8) such as 회**호, 카**큰, 홍*동 · comma · ',
  );
  const results = await world.readReport(runId, 'results.csv');
  const lines = results.slice(1).trimEnd().split('\r\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^회원번호,카드토큰,이름,line,class,/);
  expect(lines[2]).toContain('"김철수, 과장",5,enrolled');
  expect(lines[3]).toMatch(/,6,rejected,par_lower_case,.*small letters; .* \| .*소문자가 있습니다/);
});

test('plan tells what is done, new, gone and changed, and a second run of the same content says so', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', listOf(5));
  const first = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));

  const again = await runProgram(['run', 'job.yaml'], world);
  expect(again.exitCode).toBe(0);
  expect(again.stderr).toContain(
    `a list with the same content was completed before, in run ${first.runId}: only what may come again is called`,
  );
  expect(world.sandbox.calls()).toHaveLength(5);
  expect((await runProgram(['plan', 'job.yaml'], world)).stdout).toMatch(/Nothing to call at truth\./);

  // Member 1 is gone, 2 has another PAR, 6 and 7 are new.
  const next = listOf(7)
    .replace(/^.*member 1\n/m, '')
    .replace(parOf(2), parOf(92));
  await world.writeList('list.csv', next);
  const plan = planOf(await runProgram(['run', 'job.yaml', '--dry-run', '--json'], world));
  expect(plan).toMatchObject({
    due: 3,
    difference: { added: 3, gone: 2, changedPar: 1 },
    finishedBefore: null,
  });
  expect(plan.classes).toMatchObject({ already_done: 3, unprocessed: 3 });
  expect(world.sandbox.calls()).toHaveLength(5);

  const stopped = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--limit', '1'], world));
  expect(stopped.exitCode).toBe(6);
  expect(planOf(await runProgram(['plan', 'job.yaml', '--json'], world)).continues).toBe(stopped.runId);
});

test('a list of an unusual size is refused until somebody says yes; the run before can still be continued', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const runs: string[] = [];
  for (const rows of [200, 201, 202]) {
    await world.writeList('list.csv', listOf(rows));
    runs.push(summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world)).runId);
  }
  await world.writeList('list.csv', listOf(20));
  const words = failureOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world), 5);
  expect(words).toBe(
    'list.csv: the list has 20 rows, 90% fewer than the 201 this job usually has (guards.listSize); see whether it is the right list and whole; if so, run it again with --yes.',
  );
  const plan = planOf(await runProgram(['plan', 'job.yaml', '--json'], world));
  expect(plan).toMatchObject({
    exitCode: 5,
    size: { rows: 20, usualRows: 201, changePercent: -90, isUnusual: true },
  });
  expect((await readLedgerFacts(world.ledger.address)).runs).toEqual([
    'complete',
    'complete',
    'complete',
    'refused',
  ]);
  const accepted = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet', '--yes'], world));
  expect(accepted).toMatchObject({ exitCode: 0, list: { rowsRead: 20 } });
  expect(new Set([...runs, accepted.runId]).size).toBe(4);
});

test('a workbook, whatever it is called, and standard input are lists like any other', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const env = { ...world.env, KONA_BASE_URL: 'sandbox' };
  const workbook = makeWorkbook({
    rows:
      textRow(1, '회원번호', '카드토큰') +
      textRow(2, userIdOf(1), parOf(1)) +
      textRow(3, userIdOf(2), parOf(2)),
  });
  await writeFile(join(world.cwd, 'book.csv'), workbook);
  const book = summaryOf(await runProgram(['run', 'book.csv', '--json', '--quiet'], { cwd: world.cwd, env }));
  expect(book).toMatchObject({ exitCode: 0, calls: 2, list: { name: 'book.csv', rowsRead: 2 } });
  expect(await world.readReport(book.runId, 'succeeded.csv')).toContain(
    `\r\n${userIdOf(1)},${parOf(1)},2,enrolled`,
  );

  const before = await readdir(tmpdir());
  const input = listOf(3);
  const piped = summaryOf(
    await runProgram(['run', '-', '--json', '--quiet'], { cwd: world.cwd, env, input }),
  );
  expect(piped).toMatchObject({ exitCode: 0, list: { name: 'stdin', rowsRead: 3 } });
  expect(classesOf(piped)).toEqual({ already_done: 2, enrolled: 1 });
  const left = (await readdir(tmpdir())).filter(
    (name) => name.startsWith('kona-enroll-') && !before.includes(name),
  );
  expect(left).toEqual([]);
});

test('template writes a list that plan reads, and never over one', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await mkdir(join(world.cwd, 'lists'));
  for (const [file, lang] of [
    ['lists/new.csv', 'ko'],
    ['lists/new.xlsx', 'en'],
  ] as const) {
    const made = await runProgram(['template', file, '--lang', lang], world);
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    const plan = planOf(
      await runProgram(['plan', file, '--json'], {
        ...world,
        env: { ...world.env, KONA_BASE_URL: 'sandbox' },
      }),
    );
    expect(plan).toMatchObject({ due: 0, list: { rowsRead: 0 } });
    expect(failureOf(await runProgram(['template', file, '--json'], world), 2)).toContain(file.split('/')[1]);
  }
  const told = await runProgram(['template', 'lists/told.csv', '--json'], world);
  expect(JSON.parse(told.stdout)).toEqual({ file: join(world.cwd, 'lists/told.csv'), language: 'ko' });
  expect(failureOf(await runProgram(['template', 'none/new.csv', '--json'], world), 2)).toContain(
    "can't be written (ENOENT); name a file in an existing folder",
  );
});
