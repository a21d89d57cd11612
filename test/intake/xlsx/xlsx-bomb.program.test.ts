import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { makeListFolder } from '../list-folder.ts';
import {
  makeWorkbook,
  makeZip,
  SHEET_PART,
  STRINGS_PART,
  textRow,
  workbookParts,
  type ZipPart,
} from './workbook-maker.ts';
import { refusalOf } from './xlsx-reading.ts';

const MIB = 1024 * 1024;
const child = fileURLToPath(new URL('xlsx-bomb-child.ts', import.meta.url));

interface Outcome {
  readonly records?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly grownBytes: number;
}

/** In a process of its own, so that what other tests hold in memory counts neither way. */
async function readInChild(content: Uint8Array): Promise<Outcome> {
  await using lists = await makeListFolder();
  const path = await lists.write(content, 'list.xlsx');
  const { stdout } = await promisify(execFile)(process.execPath, [child, path]);
  return JSON.parse(stdout) as Outcome;
}

describe('300 MiB in a few hundred KiB', () => {
  const blanks = () => repeated(' ');
  const rows = () => repeated('<row></row>     ', '<worksheet><sheetData>');
  const items = () => repeated('<si><t>a</t></si>               ', '<sst>');

  test.each([
    ['blanks in the sheet', SHEET_PART, blanks, {}, /300 MiB, over 200 times its packed size/],
    ['texts', STRINGS_PART, items, {}, /over 200 times/],
    [
      'blanks that are said to be 40 MiB',
      SHEET_PART,
      blanks,
      { size: 40 * MIB },
      /a tag or text of more than 1 MiB/,
    ],
    ['rows that are said to be 3 MiB', SHEET_PART, rows, { size: 3 * MIB }, /does not have the bytes/],
  ])('are refused without being unpacked: %s', async (_, name, makeBomb, stated, says) => {
    const parts = workbookParts({ rows: textRow(1, 'a'), strings: '' });
    const content = makeZip(
      parts.map((part): ZipPart => (part.name === name ? { name, content: makeBomb(), stated } : part)),
    );
    expect(content.length).toBeLessThan(2 * MIB);
    const outcome = await readInChild(content);
    expect(outcome.reason).toBe('workbook');
    expect(outcome.message).toMatch(says);
    expect(outcome.grownBytes).toBeLessThan(100 * MIB);
  });
});

describe('the size that is stated decides', () => {
  test.each([
    ['a sheet', SHEET_PART, 2048],
    ['the texts', STRINGS_PART, 512],
    ['styles', 'xl/styles.xml', 32],
    ['the workbook itself', 'xl/workbook.xml', 32],
    ['what a part points to', 'xl/_rels/workbook.xml.rels', 32],
  ])('for %s', async (_, name, mib) => {
    const parts = workbookParts({ rows: textRow(1, 'a'), strings: '' });
    const stating = (size: number) =>
      makeZip(
        parts.map((part) => (part.name === name ? Object.assign({}, part, { stated: { size } }) : part)),
      );
    expect((await refusalOf(stating(mib * MIB + 1)))?.message).toContain(`more than the ${mib} MiB allowed`);
    expect((await refusalOf(stating(mib * MIB)))?.message).not.toContain('allowed');
  });
});

test('rows that point to one long text many times are read a few at a time', async () => {
  const cell = '<c t="s"><v>0</v></c>';
  const rows = `<row>${cell.repeat(17)}</row>`.repeat(2_000);
  const content = makeWorkbook({ rows, strings: `<si><t>${'x'.repeat(60_000)}</t></si>` });
  const outcome = await readInChild(content);
  expect(outcome.records).toBe(2_000);
  expect(outcome.grownBytes).toBeLessThan(300 * MIB);
});

test('a sheet of blank rows that packs well but is small is no bomb', async () => {
  const content = makeWorkbook({ rows: `${'<row/>'.repeat(200_000)}${textRow(200_001, 'a')}` });
  expect(content.length).toBeLessThan(10_000);
  expect(await readInChild(content)).toMatchObject({ records: 1 });
});

/** 300 MiB of this text, with something in place of its beginning. */
function repeated(text: string, before = ''): Buffer {
  const content = Buffer.alloc(300 * MIB, text);
  content.write(before.padEnd(Math.ceil(before.length / text.length) * text.length));
  return content;
}
