import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeRunFolder } from '../../../src/report/folder/run-folder.ts';
import { ledgerEngines } from '../../support/ledgers.ts';
import { openReportWorld, par, type PlantedRow } from '../report-world.ts';

/** retry.nights of the planted settings. */
const LIMIT = 3;

const rows: readonly PlantedRow[] = [
  { cells: ['1', par(1)], class: 'action_required', code: '007_031', attempts: 1, nights: LIMIT },
  { cells: ['2', par(2)], class: 'transient', attempts: 5, nights: LIMIT },
  // A night is left; used up before and not called; called at a person's request since.
  { cells: ['3', par(3)], class: 'transient', attempts: 5, nights: LIMIT - 1 },
  { cells: ['4', par(4)], class: 'transient', kept: true, nights: LIMIT },
  { cells: ['5', par(5)], class: 'ambiguous', attempts: 1, nights: LIMIT + 1 },
  { cells: ['6', par(6)], class: 'bad_data', code: '001_003', attempts: 1, nights: LIMIT },
];

describe.each(ledgerEngines)('nights used up tonight ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('are a list of their own, counted in summary.json, and told on the page in its language', async () => {
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
    const read = async (name: string): Promise<string> => await readFile(join(world.runFolder, name), 'utf8');
    const { summary } = await writeRunFolder({ ...world.options, language: 'ko' });
    expect(summary.nightsUsedUp).toBe(2);
    const list = await read('nights-used-up.csv');
    const [header, ...lines] = list.trimEnd().split('\r\n');
    expect(header).toBe('\uFEFFuser_id,par,line,class,code,reason,nights,what_to_do');
    expect(lines.map((line) => line.split(',').slice(0, 3))).toEqual([
      ['1', par(1), '2'],
      ['2', par(2), '3'],
    ]);
    // The customer is still told of it: the list for customers is theirs.
    expect(await read('customers-to-call.csv')).toContain(`1,${par(1)},`);
    expect(await read('report.html')).toContain('오늘 밤으로 호출 기한이 끝난 행이 2행 있습니다');
    await writeRunFolder({ ...world.options, language: 'en' });
    expect(await read('report.html')).toContain('The nights of 2 rows were used up tonight');
  });
});
