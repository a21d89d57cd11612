import { join } from 'node:path';
import { expect, test } from 'vitest';
import { languages } from '../../src/domain/language.ts';
import type { ListRow } from '../../src/domain/list-row.ts';
import { openFile } from '../intake/list-folder.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { openReportWorld, par, type PlantedRow } from './report-world.ts';

/** Reads a result file as the next list, as a person hands it back. */
async function handBack(path: string) {
  const list = await openFile(path);
  const rows: ListRow[] = [];
  for await (const set of list.rows()) rows.push(...set);
  return { list, rows };
}

const awkward = [
  '=HYPERLINK("x")',
  "'=already guarded",
  "'apostrophe",
  '-1',
  '\ttab',
  '두 줄\r\n이름, "quoted"',
  ' blanks ',
  '',
  '＝full width',
  '\nleading line feed',
];

test.each(languages)(
  'failed.csv is the next list as it stands: the very cells of the first, %s',
  async (language) => {
    const failed = awkward.map((text, index): PlantedRow => ({
      cells: [text, String(index + 1), par(index + 1), text],
      class: 'conflict',
      code: '007_012',
      message: '=provider',
      kept: true,
      attempts: 1,
    }));
    const header = ['=memo;with;semi;colons;;;;;;;;;;;;', '회원번호', 'par', 'Code'];
    await using world = await openReportWorld(embeddedEngine, { header, rows: failed });
    await writeRunFolder({ ...world.options, language });
    const { list, rows } = await handBack(join(world.runFolder, 'failed.csv'));
    expect(list).toMatchObject({ header, handedBack: true, delimiter: ',', columns: { userId: 1, par: 2 } });
    expect(rows.map((row) => row.cells)).toEqual(failed.map((row) => row.cells));
    expect(rows.map((row) => row.content)).toEqual(
      failed.map((_, index) => ({ kind: 'record', userId: String(index + 1), par: par(index + 1) })),
    );
  },
);

test('a list with a column called code gets ours beside it, twice over', async () => {
  const header = ['user_id', 'par', 'code', 'kona_code'];
  const rows: PlantedRow[] = [
    { cells: ['1', par(1), 'A', 'B'], class: 'transient', code: '999_999', attempts: 1 },
  ];
  await using world = await openReportWorld(embeddedEngine, { header, rows });
  await writeRunFolder(world.options);
  const once = await handBack(join(world.runFolder, 'failed.csv'));
  expect(once.list).toMatchObject({ header, handedBack: true });
  expect(once.rows[0]?.cells).toEqual(rows[0]?.cells);
});

test('an empty part is a list of no rows', async () => {
  const rows: PlantedRow[] = [{ cells: ['1', par(1)], class: 'enrolled', attempts: 1 }];
  await using world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par'], rows });
  await writeRunFolder(world.options);
  const { list, rows: none } = await handBack(join(world.runFolder, 'failed.csv'));
  expect(list.handedBack).toBe(true);
  expect(none).toEqual([]);
  expect(list.counts()).toMatchObject({ rowsRead: 0, blankLines: 0 });
});

test('rejected.csv keeps each record as wide as its header, also where the list did not', async () => {
  const rows: PlantedRow[] = [
    { cells: ['1'], class: 'rejected', message: 'one cell' },
    { cells: ['2', par(2), '', 'x'], class: 'rejected', message: 'four cells' },
  ];
  await using world = await openReportWorld(embeddedEngine, { header: ['user_id', 'par', 'name'], rows });
  await writeRunFolder(world.options);
  const { list, rows: read } = await handBack(join(world.runFolder, 'rejected.csv'));
  expect(list.header).toEqual(['user_id', 'par', 'name', 'kona_extra_1']);
  expect(read.map((row) => row.cells)).toEqual([
    ['1', '', '', ''],
    ['2', par(2), '', 'x'],
  ]);
});
