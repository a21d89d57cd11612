import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { describe, expect, test } from 'vitest';
import { readRun } from '../../src/ledger/runs/run-table.ts';
import { compareResults } from '../../src/report/csv/results-comparison.ts';
import { writeRunFolder } from '../../src/report/folder/run-folder.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { openReportWorld, readTable, type PlantedRow } from './report-world.ts';

const words = {
  en: 'card "12**************7890" holds something other than A-Z and 0-9 (U+0410 …); expected are exactly 27 characters of A-Z and 0-9.',
  ko: 'card: "12**************7890" A-Z, 0-9가 아닌 글자가 있습니다 (U+0410 …); A-Z, 0-9로 된 정확히 27자로 고쳐 주십시오.',
} as const;

const rejected: PlantedRow = {
  cells: ['1', 'x'],
  class: 'rejected',
  rejection: {
    reason: 'par_format',
    column: 'card',
    cell: { masked: '12**************7890', cutFrom: null },
    foreign: ['U+0410'],
    hasMoreForeign: true,
  },
};
/** As a version kept it that kept sentences; its words are not today's. */
const older: PlantedRow = {
  cells: ['2'],
  class: 'rejected',
  message: 'One cell is missing. | 한 칸이 없습니다.',
};

describe.each(ledgerEngines)('a rejection ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it.each(['en', 'ko'] as const)('is told alike in every part of the folder (%s)', async (language) => {
    await using world = await openReportWorld(engine, {
      header: ['user_id', 'card'],
      rows: [rejected, older],
    });
    await writeRunFolder({ ...world.options, language });
    const olderWords = language === 'en' ? 'One cell is missing.' : '한 칸이 없습니다.';

    const [, first, second] = await readTable(world.runFolder, 'results.csv');
    expect([first?.[5], second?.[5]]).toEqual([`${words.en} | ${words.ko}`, older.message]);
    const [, ...faults] = await readTable(world.runFolder, 'data-to-correct.csv');
    expect(faults.map((cells) => cells[5])).toEqual([words[language], olderWords]);
    const page = await readFile(join(world.runFolder, 'report.html'), 'utf8');
    for (const sentence of [words[language], olderWords]) {
      expect(page).toContain(sentence.replaceAll('"', '&quot;'));
    }
    const { sheets } = await readXlsx(await readFile(join(world.runFolder, 'report.xlsx')));
    const cells = sheets.flatMap(({ rows }) => rows.flat());
    // On the sheet for data to correct and on the sheet of the class.
    expect(cells.filter((cell) => cell === words[language])).toHaveLength(2);
    expect(cells.filter((cell) => cell === olderWords)).toHaveLength(2);
  });
});

test('a folder with a rejection in the words of another version is no difference, a kept sentence that was changed is', async () => {
  await using world = await openReportWorld(embeddedEngine, {
    header: ['user_id', 'card'],
    rows: [rejected, older],
  });
  await writeRunFolder(world.options);
  const path = join(world.runFolder, 'results.csv');
  const run = await readRun(world.ledger, world.runNo);
  const written = await readFile(path, 'utf8');
  const compare = async (text: string): Promise<string | null> => {
    await writeFile(path, text);
    return await compareResults(path, {
      ledger: world.ledger,
      run,
      notes: { nightsLimit: 14, language: 'en' },
    });
  };
  expect(await compare(written)).toBeNull();
  const reworded = written.replace('holds something other than', 'does not hold');
  expect(reworded).not.toBe(written);
  expect(await compare(reworded)).toBeNull();
  expect(await compare(written.replace('One cell is missing', 'Nothing is missing'))).toBe(
    'the row on line 3 differs in message',
  );
  expect(await compare(written.replace('par_format', 'par_length'))).toBe(
    'the row on line 2 differs in code',
  );
});
