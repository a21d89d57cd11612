import fc from 'fast-check';
import { writeXlsx } from 'hucre';
import { expect, test } from 'vitest';
import {
  makeWorkbook,
  makeZip,
  textRow,
  type WorkbookParts,
  workbookParts,
  type ZipPart,
} from './workbook-maker.ts';
import { readContent, refusalOf } from './xlsx-reading.ts';
import { isUnseen } from '../unseen-text.ts';

/** hucre doesn't escape a text that looks like an escape, and writes an error's name as that error. */
const cell = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom(
      '',
      ' ',
      '0012',
      '1234567890123456789',
      'a\nb',
      'a\r\nb',
      ' x ',
      "'=1",
      '가나다',
      '&<>"',
      '😀',
    ),
  )
  .filter((text) => !/_x[0-9A-Fa-f]{4}_|^#/.test(text));

test('tables of text that another writer wrote are read back', async () => {
  const seen = { records: 0, blanks: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 8 }),
      fc.constantFrom('shared', 'inline'),
      async (rows, stringMode) => {
        const header = ['user_id', 'par', 'memo'];
        const content = await writeXlsx({ stringMode, sheets: [{ name: 'List', rows: [header, ...rows] }] });
        const { records, totals } = await readContent(content);
        const written = [header, ...rows]
          .map((cells, i) => ({ line: i + 1, cells: inWidth(cells, header.length) }))
          .filter(({ cells }) => !cells.every(isUnseen));
        expect(records).toEqual(written);
        const last = written.at(-1)?.line ?? 0;
        expect(totals).toEqual({ records: written.length, blankLines: last - written.length });
        seen.records += records.length;
        seen.blanks += totals.blankLines;
      },
    ),
    { numRuns: 40 },
  );
  expect(seen.records).toBeGreaterThan(40);
  expect(seen.blanks).toBeGreaterThan(5);
});

const small: WorkbookParts = {
  strings: '<si><t>user_id</t></si><si><r><t>p</t></r><r><t>ar</t></r></si>',
  formats: ['yyyy-mm-dd', 14],
  rows:
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>' +
    `${textRow(3, '123', '김')}<row r="4"><c r="A4" s="1"><v>45322</v></c><c r="B4"><f>1+1</f><v>1.5E+3</v></c></row>`,
};

test('a workbook with a byte changed, cut off or put in is read or refused, nothing else', async () => {
  const content = makeWorkbook(small);
  const outcomes = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(damageOf(content.length), async (damage) => {
      outcomes[await outcomeOf(applyDamage(content, damage))] += 1;
    }),
    { numRuns: 150 },
  );
  expect(outcomes.read).toBeGreaterThan(5);
  expect(outcomes.refused).toBeGreaterThan(50);
});

test('so is one with a byte of a part changed before it was packed, where no checksum tells', async () => {
  const parts = workbookParts(small);
  const outcomes = { read: 0, refused: 0 };
  const damaged = fc
    .integer({ min: 0, max: parts.length - 1 })
    .chain((index) =>
      damageOf(Buffer.from(parts[index]?.content ?? '').length).map((damage) => ({ index, damage })),
    );
  await fc.assert(
    fc.asyncProperty(damaged, async ({ index, damage }) => {
      const changed = parts.map((part, i): ZipPart => {
        const bytes = Buffer.from(part.content);
        return { name: part.name, content: i === index ? applyDamage(bytes, damage) : bytes };
      });
      outcomes[await outcomeOf(makeZip(changed))] += 1;
    }),
    { numRuns: 150 },
  );
  expect(outcomes.read).toBeGreaterThan(10);
  expect(outcomes.refused).toBeGreaterThan(50);
});

test('any bytes behind the signature of a zip file are refused', async () => {
  const reasons = new Set<string | undefined>();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const refusal = await refusalOf(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), bytes]));
      reasons.add(refusal?.reason);
    }),
    { numRuns: 50 },
  );
  expect(reasons).toEqual(new Set(['workbook']));
});

interface Damage {
  readonly kind: 'change' | 'cut' | 'insert';
  readonly at: number;
  readonly byte: number;
}

function damageOf(length: number): fc.Arbitrary<Damage> {
  return fc.record({
    kind: fc.constantFrom('change', 'change', 'change', 'cut', 'insert'),
    at: fc.nat({ max: Math.max(0, length - 1) }),
    byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('<>&"/0189-.:;= '))),
  });
}

function applyDamage(content: Buffer, { kind, at, byte }: Damage): Buffer {
  const before = content.subarray(0, at);
  if (kind === 'cut') return Buffer.from(before);
  return Buffer.concat([before, Buffer.from([byte]), content.subarray(kind === 'insert' ? at : at + 1)]);
}

/** Throws whatever isn't a refusal. */
async function outcomeOf(content: Buffer): Promise<'read' | 'refused'> {
  return (await refusalOf(content)) === null ? 'read' : 'refused';
}

function inWidth(cells: readonly string[], width: number): string[] {
  const end = cells.findLastIndex((text) => text !== '') + 1;
  return Array.from({ length: Math.max(end, width) }, (_, i) => cells[i] ?? '');
}
