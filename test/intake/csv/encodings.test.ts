import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { judgeEncoding } from '../../../src/intake/csv/encoding-choice.ts';
import { startDecoding } from '../../../src/intake/csv/text-decoding.ts';
import { makeListFolder, openFile, PAR, readList, refusalOf } from '../list-folder.ts';

const korean = `회원번호,카드토큰,이름\r\n1,${PAR},홍길동\r\n2,${PAR},뷁쀓\r\n`;

function utf16(text: string, order: 'le' | 'be', mark = true): Buffer {
  const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

function cp949(text: string): Buffer {
  return iconv.encode(text, 'cp949');
}

describe('found by itself', () => {
  test.each([
    ['UTF-8', Buffer.from(korean), 'utf-8', 'utf-8'],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${korean}`), 'utf-8', 'mark'],
    ['plain ASCII', Buffer.from(`user_id,par\n1,${PAR}\n`), 'utf-8', 'ascii'],
    ['UTF-16 LE', utf16(korean, 'le'), 'utf-16le', 'mark'],
    ['UTF-16 BE', utf16(korean, 'be'), 'utf-16be', 'mark'],
    ['CP949', cp949(korean), 'cp949', 'cp949'],
    [
      'CP949 whose only Korean word is valid UTF-8',
      cp949(`user_id,par,town\n1,${PAR},화천\n`),
      'cp949',
      'accident',
    ],
    ['one such syllable', cp949(`user_id,par,name\n1,${PAR},황\n`), 'cp949', 'accident'],
    ['UTF-8 with José', Buffer.from(`user_id,par,name\n1,${PAR},José Ñúñez\n`), 'utf-8', 'utf-8'],
    ['UTF-8 with Müßig', Buffer.from(`user_id,par,name\n1,${PAR},Müßig\n`), 'utf-8', 'utf-8'],
    [
      'UTF-8 with no-break spaces',
      Buffer.from(`user_id,par\n1\u00a0\u00a0,${PAR}\u00a0\n`),
      'utf-8',
      'utf-8',
    ],
    ['UTF-8 with a middle dot', Buffer.from(`user_id,par,m\n1,${PAR},a · b\n`), 'utf-8', 'utf-8'],
    ['UTF-8 of another script', Buffer.from(`user_id,par,m\n1,${PAR},東京 Москва\n`), 'utf-8', 'utf-8'],
  ])('%s', async (_, bytes, encoding, how) => {
    await using lists = await makeListFolder();
    const path = await lists.write(bytes);
    expect(await judgeEncoding(path, 'auto')).toMatchObject({ encoding, how });
    const { list, rows } = await readList(path);
    expect(list.encoding).toBe(encoding);
    expect(rows[0]?.content).toEqual({ kind: 'record', userId: '1', par: PAR });
  });

  test('the first Korean name may stand in the last row of many', async () => {
    await using lists = await makeListFolder();
    const rows = `user_id,par,name\n${`1,${PAR},x\n`.repeat(20_000)}`;
    const path = await lists.write(Buffer.concat([Buffer.from(rows), cp949(`2,${PAR},김\n`)]));
    const { list, rows: read } = await readList(path);
    expect(list.encoding).toBe('cp949');
    expect(read.at(-1)?.cells).toEqual(['2', PAR, '김']);
  });

  test('a damaged UTF-8 file is not taken for CP949', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(Buffer.concat([Buffer.from(korean), Buffer.from([0xb1, 0xe8])]));
    expect(await refusalOf(path)).toMatchObject({ reason: 'encoding', line: 4 });
  });

  test('nor one of Hanja, whose bytes CP949 would read as other words', async () => {
    await using lists = await makeListFolder();
    const rows = `user_id,par,name\n${`1,${PAR},張李\n`.repeat(30)}`;
    const mixed = Buffer.concat([Buffer.from(rows), cp949(`2,${PAR},김\n`)]);
    expect((await readList(await lists.write(mixed), { encoding: 'cp949' })).rows[0]?.cells[2]).toContain(
      '득쓮',
    );
    expect(await refusalOf(await lists.write(mixed))).toMatchObject({
      reason: 'encoding',
      line: 32,
      column: 3,
    });
  });

  test('a file of both tells where UTF-8 ends in it', async () => {
    await using lists = await makeListFolder();
    const rows = (name: string, count: number) => `1,${PAR},${name}\n`.repeat(count);
    const both = [Buffer.from(`user_id,par,name\n${rows('김철', 3)}`), cp949(rows('홍길동', 90))];
    expect((await refusalOf(await lists.write(Buffer.concat(both))))?.message).toMatch(
      /line 2, column 3: .* is not CP949, nor is the file UTF-8 from line 5 on; /,
    );
    const whole = await lists.write(`user_id,par,name\n${rows('김철', 3)}`);
    expect((await refusalOf(whole, { encoding: 'cp949' }))?.message).toContain(
      'is not CP949, but the file is UTF-8; ',
    );
  });

  test.each([
    ['utf-8', Buffer.from(korean)],
    ['utf-16le', utf16(korean, 'le')],
    ['utf-16be', utf16(korean, 'be')],
    ['cp949', cp949(korean)],
  ])('cells of %s are the same text', async (_, bytes) => {
    await using lists = await makeListFolder();
    const { list, rows } = await readList(await lists.write(bytes));
    expect(list.header).toEqual(['회원번호', '카드토큰', '이름']);
    expect(rows.map(({ cells }) => cells[2])).toEqual(['홍길동', '뷁쀓']);
    expect(rows.map(({ line }) => line)).toEqual([2, 3]);
  });
});

describe('told', () => {
  test.each([
    ['utf-16le', utf16(korean, 'le', false)],
    ['utf-16be', utf16(korean, 'be', false)],
    ['cp949', cp949(korean)],
  ] as const)('%s without a mark', async (encoding, bytes) => {
    await using lists = await makeListFolder();
    const { list, rows } = await readList(await lists.write(bytes), { encoding });
    expect(list.verdict).toMatchObject({ encoding, how: 'given' });
    expect(rows[0]?.cells).toEqual(['1', PAR, '홍길동']);
  });

  test('it overrides what would be found, and is held to', async () => {
    await using lists = await makeListFolder();
    const accident = await lists.write(cp949(`user_id,par,town\n1,${PAR},화천\n`));
    expect((await readList(accident, { encoding: 'utf-8' })).rows[0]?.cells[2]).toBe('ȭõ');
    const path = await lists.write(cp949(korean));
    expect(await refusalOf(path, { encoding: 'utf-8' })).toMatchObject({ reason: 'encoding', line: 1 });
    const utf = await lists.write(Buffer.from(korean));
    expect(await refusalOf(utf, { encoding: 'cp949' })).toMatchObject({ reason: 'encoding' });
  });
});

test('three words show how it was read, masked but for their ends', async () => {
  await using lists = await makeListFolder();
  const list = await openFile(await lists.write(cp949(`${korean}3,${PAR},남궁민수\n`)));
  expect(list.verdict?.samples).toEqual(['회**호', '카**큰', '홍*동']);
  const plain = await openFile(await lists.write(`user_id,par\n1,${PAR}\n`));
  expect(plain.verdict?.samples).toEqual([]);
});

describe('CP949', () => {
  const cuts = [1, 2, 3, 7, 64];

  test('the 11,172 syllables are where the code page has them', () => {
    const standard = positions(0xb0, 0xc8, [[0xa1, 0xfe]]);
    const extended = [
      ...positions(0x81, 0xa0, [
        [0x41, 0x5a],
        [0x61, 0x7a],
        [0x81, 0xfe],
      ]),
      ...positions(0xa1, 0xc6, [
        [0x41, 0x5a],
        [0x61, 0x7a],
        [0x81, 0xa0],
      ]),
    ].slice(0, 8_822);
    const standardText = decode(Buffer.from(standard.flat()), 64);
    const extendedText = decode(Buffer.from(extended.flat()), 64);
    // The platform knows the 2,350 of KS X 1001; both parts are in Unicode's order, and together they are all.
    expect(standardText).toBe(new TextDecoder('euc-kr').decode(Buffer.from(standard.flat())));
    expect(standardText.length).toBe(2_350);
    expect(Array.from(extendedText).toSorted().join('')).toBe(extendedText);
    const all = Array.from({ length: 11_172 }, (_, index) => String.fromCharCode(0xac00 + index)).join('');
    expect(
      Array.from(standardText + extendedText)
        .toSorted()
        .join(''),
    ).toBe(all);
  });

  test.each(cuts)('chunks of %i bytes make no difference', (size) => {
    const text = `a똠b방c각하\r\n쓩1펲2`;
    expect(decode(cp949(text), size)).toBe(text);
  });

  test.each([
    ['a lead byte at the end', [0x41, 0xb0], 1],
    ['a lead byte before a line feed', [0x41, 0xb0, 0x0a], 1],
    ['a byte that leads nothing', [0xb0, 0xa1, 0xff, 0x41], 2],
    ['0x80', [0x80], 0],
    ['the rows for users', [0x41, 0xc9, 0xa1], 1],
    ['a second byte out of range', [0xb0, 0xa1, 0xb0, 0x22], 2],
  ])('refused: %s', (_, bytes, offset) => {
    for (const size of cuts) {
      expect(faultOf(Buffer.from(bytes), size)).toEqual({ kind: 'undecodable', offset, byte: bytes[offset] });
    }
  });
});

function positions(from: number, to: number, trails: readonly (readonly [number, number])[]): number[][] {
  const codes: number[][] = [];
  for (let lead = from; lead <= to; lead += 1) {
    for (const [first, last] of trails) {
      for (let trail = first; trail <= last; trail += 1) codes.push([lead, trail]);
    }
  }
  return codes;
}

function decode(bytes: Buffer, size: number): string {
  const decoding = startDecoding('cp949');
  let text = '';
  for (let from = 0; from < bytes.length; from += size) {
    const decoded = decoding.decode(bytes.subarray(from, from + size));
    if (decoded.kind === 'fault') throw new Error(JSON.stringify(decoded.fault));
    text += decoded.bytes.toString();
  }
  if (decoding.finish() !== null) throw new Error('cut');
  return text;
}

function faultOf(bytes: Buffer, size: number) {
  const decoding = startDecoding('cp949');
  for (let from = 0; from < bytes.length; from += size) {
    const decoded = decoding.decode(bytes.subarray(from, from + size));
    if (decoded.kind === 'fault') return decoded.fault;
  }
  return decoding.finish();
}
