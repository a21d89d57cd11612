import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { readXlsx } from 'hucre/xlsx';
import { expect, test } from 'vitest';
import { makeWorkbook } from '../intake/xlsx/workbook-maker.ts';
import { createWorld, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';

/** A link as terminals take it (OSC 8), text turned round, and lines that end where no editor shows it. */
const LINK = '\u001b]8;;http://evil.example\u001b\\here\u001b]8;;\u001b\\';
const LINES = '\u2028Totals agree: 9 rows read = 9\u0085Exit 0: complete; every row is done\u2029';
const TURNED = '\u202ecod.slx\u2066';
/** As long as a file's name may be. */
const LONG = 'n'.repeat(120);
const SHEET = `Tab${TURNED}\u2028Exit 0: done`;

/** Everything but our own line feeds. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const FORGED = /^\s*(?:Totals agree: 9|Exit 0: (?:complete; every row is )?done)/m;

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function rowXml(number: number, cells: readonly string[]): string {
  const drawn = cells.map(
    (cell, index) => `<c r="${'ABC'[index] ?? 'D'}${number}" t="inlineStr"><is><t>${xml(cell)}</t></is></c>`,
  );
  return `<row r="${number}">${drawn.join('')}</row>`;
}

async function setup(): Promise<EnrolmentWorld> {
  const world = await createWorld({ engine: embeddedEngine });
  const memo = `x\u2028Totals agree: 9 rows read = 9${TURNED}`;
  const rows = [
    ['user_id', 'par', `memo${TURNED}`],
    [userIdOf(1), parOf(1), memo],
    [`12\u2028Exit 0: done${TURNED}`, parOf(2), memo],
  ].map((cells, index) => rowXml(index + 1, cells));
  const workbook = makeWorkbook({
    sheets: [
      { name: SHEET, rows: rows.join('') },
      { name: `Other${TURNED}`, rows: rowXml(1, ['nothing']) },
    ],
  });
  const csv = [`user_id,par,"memo${LINK}"`, `${userIdOf(3)},${parOf(3)},"x${LINK}${LINES}"`];
  await writeFile(join(world.cwd, `book${LINES}${TURNED}.xlsx`), workbook);
  await world.writeList(`list${LINK.replaceAll('/', '_')}${LINES}${LONG}.csv`, `${csv.join('\n')}\n`);
  return world;
}

test.each([
  ['a workbook', 'book', `excel: "book*.xlsx", sheet: ${JSON.stringify(SHEET)}`],
  ['a file with a long name', 'list', 'csv: "list*.csv"'],
] as const)(
  'names in %s forge nothing: terminal, log, JSON, page, workbook and lists',
  async (_, begin, list) => {
    await using world = await setup();
    await world.writeJob('hostile', 'list: { csv: list.csv }', `list: { ${list} }`);
    const argv = (command: string): string[] => [command, 'hostile.yaml'];
    const shown = [
      await runProgram(argv('plan'), world),
      await runProgram([...argv('plan'), '--json'], world),
      await runProgram(argv('run'), world),
      await runProgram(['status'], world),
      await runProgram(['status', '--json'], world),
      await runProgram(['explain', begin === 'book' ? userIdOf(1) : userIdOf(3)], world),
    ];
    for (const { stdout, stderr, exitCode } of shown) {
      expect([0, 3]).toContain(exitCode);
      expect(CONTROLS.exec(stdout + stderr)).toBeNull();
      expect(FORGED.exec((stdout + stderr).replace(/^Exit \d: complete;.*$/gm, ''))).toBeNull();
    }
    const reports = join(world.cwd, 'runs');
    const run = (await readdir(reports)).find((one) => one !== 'logs') ?? '';
    const read = async (file: string): Promise<string> => await readFile(join(reports, run, file), 'utf8');
    for (const file of ['report.html', 'summary.json', 'manifest.json']) {
      expect([file, CONTROLS.exec(await read(file))]).toEqual([file, null]);
    }
    expect(await read('report.html')).not.toMatch(/<a [^>]*evil|javascript:/);
    for (const file of await readdir(join(reports, 'logs'))) {
      const log = await readFile(join(reports, 'logs', file), 'utf8');
      expect(CONTROLS.exec(log)).toBeNull();
      for (const line of log.trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
    const { sheets } = await readXlsx(await readFile(join(reports, run, 'report.xlsx')));
    const shownCells = (sheets[0]?.rows ?? []).flat().map(String);
    expect(shownCells.filter((cell) => CONTROLS.test(cell))).toEqual([]);
    // The list's own cells go back as they came; what we wrote beside them is clean.
    const results = await read('results.csv');
    expect(results).toContain(begin === 'book' ? TURNED : LINK);
    const records = parse(results, { bom: true, relax_column_count: true });
    const ours = records.flatMap((cells) => cells.slice(3));
    expect(ours.filter((cell) => CONTROLS.test(cell))).toEqual([]);
  },
);
