import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeWorkbook, textRow } from '../intake/xlsx/workbook-maker.ts';
import { createWorld, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

interface Plan {
  readonly due: number;
  readonly list: { readonly rowsRead: number; readonly manyCards: { readonly cards: number } | null };
}

async function plan(world: EnrolmentWorld, target: string, ...flags: readonly string[]): Promise<ProgramEnd> {
  return await runProgram(['plan', target, ...flags], world);
}

/** Every row is to be called, and nothing is refused. */
async function expectWhole(world: EnrolmentWorld, target: string, rows: number, ...flags: readonly string[]) {
  const end = await plan(world, target, '--json', ...flags);
  expect({ exitCode: end.exitCode, stderr: end.stderr }).toEqual({ exitCode: 0, stderr: '' });
  const planned = JSON.parse(end.stdout) as Plan;
  expect([planned.list.rowsRead, planned.due]).toEqual([rows, rows]);
  return planned;
}

function cardsOf(userId: string, from: number, cards: number): string[] {
  return Array.from({ length: cards }, (_, index) => `${userId},${parOf(from + index)}`);
}

function members(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${userIdOf(index + 1)},${parOf(5_000 + index)}`);
}

test('a member with too many cards refuses the list before any call, and has one way round', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const rounded = fileURLToPath(new URL('../intake/broken-lists/rounded-to-one-id.csv', import.meta.url));
  await copyFile(rounded, join(world.cwd, 'list.csv'));
  const refused = await plan(world, 'job.yaml', '--lang', 'ko');
  expect(refused).toMatchObject({ exitCode: 5, stdout: '' });
  expect(refused.stderr).toMatch(
    /list\.csv, line 2, column user_id: the user id "10\*+0000" has 200 different PARs and only zeros/,
  );
  expect(refused.stderr).toMatch(
    /\nlist\.csv, 2행, 열 user_id: 회원번호 "10\*+0000"에 서로 다른 PAR이 200개/,
  );
  const json = await plan(world, 'job.yaml', '--json', '--lang', 'ko');
  expect(json.stdout).not.toMatch(/[가-힣]/);
  expect((await plan(world, 'job.yaml')).stderr).not.toMatch(/[가-힣]/);
  expect(await runProgram(['run', 'job.yaml', '--quiet'], world)).toMatchObject({ exitCode: 5 });
  expect(world.sandbox.calls()).toEqual([]);

  expect((await expectWhole(world, 'job.yaml', 200, '--yes')).list.manyCards).toMatchObject({ cards: 200 });
  await world.writeJob('zeros', 'csv: ', 'idsMayEndInZeros: true, csv: ');
  await expectWhole(world, 'zeros.yaml', 200);

  const others = [...cardsOf('77', 1, 21), ...members(100)];
  await world.writeList('list.csv', `user_id,par\n${others.join('\n')}\n`);
  expect((await plan(world, 'job.yaml')).stderr).toMatch(/"\*\*" has 21 different PARs, more than a tenth/);
  await world.writeJob('cards', 'csv: ', 'cardsPerMember: 500, csv: ');
  await expectWhole(world, 'cards.yaml', 121);
  await expectWhole(world, 'job.yaml', 121, '--yes');
});

test('good lists of many cards pass whole', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const lists = {
    'a company member with 15 cards among 60 rows': [...cardsOf('77', 1, 15), ...members(45)],
    'one member’s test cards': cardsOf('77', 1, 8),
    '21 cards in a list of 39 rows': [...cardsOf('77', 1, 21), ...members(18)],
    '21 cards, a tenth of the rows': [...cardsOf('77', 1, 21), ...members(189)],
    'five cards of an id that ends in zeros': [...cardsOf('1234567890123450000', 1, 5), ...members(5)],
  };
  for (const [name, rows] of Object.entries(lists)) {
    await world.writeList('list.csv', `user_id,par\n${rows.join('\n')}\n`);
    const end = await plan(world, 'job.yaml', '--json');
    expect({ name, exitCode: end.exitCode, due: (JSON.parse(end.stdout) as Plan).due }).toEqual({
      name,
      exitCode: 0,
      due: rows.length,
    });
  }
});

test('a filled cell beyond a workbook’s header comes back without a name; --sheet names the sheet', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const list = [
    textRow(1, 'user_id', 'par'),
    textRow(2, userIdOf(1), parOf(1), '확인'),
    textRow(3, userIdOf(2), parOf(2)),
  ].join('');
  const sheets = [
    { name: '안내', rows: textRow(1, '작성 방법') },
    { name: '회원', rows: list },
  ];
  await writeFile(join(world.cwd, 'list.xlsx'), makeWorkbook({ sheets }));
  await world.writeJob('sheets', 'csv: list.csv', 'excel: list.xlsx, sheet: 안내');
  expect((await plan(world, 'sheets.yaml')).stderr).toMatch(
    /name it in list\.sheet of a job file, or with --sheet/,
  );
  await expectWhole(world, 'sheets.yaml', 2, '--sheet', '회원');
  const end = await runProgram(['run', 'sheets.yaml', '--json', '--quiet', '--sheet', '회원'], world);
  const summary = summaryOf(end);
  expect(classesOf(summary)).toEqual({ enrolled: 2 });
  const [header, first] = (await world.readReport(summary.runId, 'results.csv')).split('\r\n');
  expect(header).toMatch(/^\ufeffuser_id,par,,line,class,/);
  expect(first).toMatch(new RegExp(`^${userIdOf(1)},${parOf(1)},확인,2,enrolled,`));
});

test('columns that are not found are proposed with the header that was seen', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const rows = `${userIdOf(1)},${parOf(1)},${parOf(2)}\n`;
  await world.writeList('list.csv', `회원번호,카드토큰(구),카드토큰(신)\n${rows}`);
  const refused = await plan(world, 'job.yaml');
  expect(refused.exitCode).toBe(5);
  expect(refused.stderr).toContain('--map "카드토큰(신)"=par');
  await expectWhole(world, 'job.yaml', 1, '--map', '카드토큰(신)=par');
});
