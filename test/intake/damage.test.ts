import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { damageOfText } from '../../src/intake/rows/damaged-cell.ts';
import { mostChance, ZeroEndedIdWatch } from '../../src/intake/rows/zero-ended-ids.ts';
import { makeListFolder, PAR, readList, refusalOf } from './list-folder.ts';

describe('what a spreadsheet makes of an id', () => {
  test.each([
    ['scientific', ['1.23457E+18', '1E+18', '1,23457E+18', '9.99E18', '1.2e+27']],
    ['float', ['1234567890123456.0', '1234567890123456,5', '0001234567890123456.0']],
    [
      'date',
      [
        '2026-11-24',
        '2026. 11. 24',
        '2026/1/2',
        '2026-11-24 13:05:00',
        '2026-11-24 오후 1:05',
        '11/24/2026',
        '24.11.26',
        '3-Jan',
        '03-Jan-26',
        'Jan-26',
        '1월 3일',
        '2026년 11월 24일',
        '12:34:56',
      ],
    ],
  ])('%s', (damage, texts) => {
    expect(texts.map((text) => [text, damageOfText(text)])).toEqual(texts.map((text) => [text, damage]));
  });

  test.each([
    '1234567890123456789',
    '0001234567890123.0',
    '1234567890123456789012E4567',
    '123.0',
    'x12',
    PAR,
    '',
    '12 34',
    'January',
    '1-2',
    '12E',
  ])('not %s', (text) => {
    expect(damageOfText(text)).toBeNull();
  });
});

describe('one such cell refuses the list', () => {
  test('with the first cells, their number, what happened and how to export again', async () => {
    await using lists = await makeListFolder();
    const bad = Array.from({ length: 7 }, (_, index) => `1.2345${index}E+18,${PAR},x\n`).join('');
    const path = await lists.write(`user_id,par,name\n1,${PAR},x\n${bad}2,${PAR},x\n`);
    const refusal = await refusalOf(path);
    expect(refusal).toMatchObject({ reason: 'damaged', line: 3, column: 'user_id' });
    expect(refusal?.message).toMatch(
      /exponent, and their last digits are lost \(line 3 user_id "1\.[^"]*", line 4 .* and 2 more\); export the list again .*Data > From Text\/CSV/,
    );
  });

  test('a date in the PAR column too, after sets were handed out', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(`user_id,par\n${`1,${PAR}\n`.repeat(2_000)}2,2026-11-24\n`);
    expect(await refusalOf(path)).toMatchObject({ reason: 'damaged', line: 2_002, column: 'par' });
  });

  test.each([
    ['3.70E+12', '3.70E+12,,', ['record', 'rejected']],
    ['3.70E+12', '3.70E+12,,Kim', ['record', 'rejected']],
    ['2026-11-24', '2026-11-24,,Kim', ['record', 'rejected']],
    ['2026-11-24', `2026-11-24,${PAR.slice(1)},Kim`, ['record', 'rejected']],
    ['2026-11-24', '2026-11-24,,', ['record']],
  ])('%s in a line that is otherwise no member is none: %s', async (cell, row, kinds) => {
    await using lists = await makeListFolder();
    const path = await lists.write(`user_id,par,name\n1,${PAR},x\n${row}\n`);
    expect((await readList(path)).rows.map(({ content }) => content.kind)).toEqual(kinds);
    const beside = await lists.write(`user_id,par,name\n1,${PAR},x\n${cell},${PAR},Kim\n`, 'beside.csv');
    expect(await refusalOf(beside)).toMatchObject({ reason: 'damaged' });
  });

  test('dates and exponents in other columns are nobody’s damage', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(`user_id,par,joined,sum\n1,${PAR},2026-11-24,1.2E+18\n`);
    expect((await readList(path)).rows[0]?.content.kind).toBe('record');
  });
});

function listOfIds(ids: readonly string[]): string {
  return `user_id,par\n${ids.map((id) => `${id},${PAR}\n`).join('')}`;
}

function rounded(id: string): string {
  return id.slice(0, 15).padEnd(id.length, '0');
}

describe('ids that lost their last digits', () => {
  const ids = Array.from({ length: 40 }, (_, index) =>
    String(1_234_567_890_123_456_789n + BigInt(index) * 98_765_432_123n),
  );

  test('all of a list', async () => {
    await using lists = await makeListFolder();
    const refusal = await refusalOf(await lists.write(listOfIds(ids.map(rounded))));
    expect(refusal).toMatchObject({ reason: 'damaged', line: 2, column: 'user_id' });
    expect(refusal?.message).toContain(
      '40 of 40 different ids with 19 digits have only zeros after the 15th digit',
    );
  });

  test('some of many', async () => {
    await using lists = await makeListFolder();
    const mixed = ids.map((id, index) => (index % 10 === 5 ? rounded(id) : id));
    expect(await refusalOf(await lists.write(listOfIds(mixed)))).toMatchObject({
      reason: 'damaged',
      line: 7,
    });
    expect(await refusalOf(await lists.write(listOfIds(ids)))).toBeNull();
  });

  test('with 16 digits one in ten ends in 0: no alarm for that', async () => {
    await using lists = await makeListFolder();
    const short = Array.from({ length: 1_000 }, (_, index) => String(1_000_000_000_000_000 + index));
    expect(await refusalOf(await lists.write(listOfIds(short)))).toBeNull();
    expect(await refusalOf(await lists.write(listOfIds(short.map(rounded))))).not.toBeNull();
  });

  test('one member’s id that happens to end so, however many cards he has', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(
      listOfIds([...ids, ...Array.from({ length: 30 }, () => rounded(ids[0] ?? ''))]),
    );
    expect(await refusalOf(path)).toBeNull();
  });

  test('a damaged part far down a long list of sound ids', () => {
    const watch = new ZeroEndedIdWatch();
    for (let row = 0; row < 120_000; row += 1) {
      const id = String(1_000_000_000_000_000_000n + BigInt(row) * 7_919_999_983n);
      watch.look(row > 110_000 ? rounded(id) : id, row + 2);
    }
    expect(watch.finish()?.length).toBe(19);
  });

  test('a few one after the other in a long list, as appended from a spreadsheet', async () => {
    await using lists = await makeListFolder();
    const many = Array.from({ length: 3_000 }, (_, index) =>
      String(1_234_567_890_123_456_789n + BigInt(index) * 98_765_432_123n),
    );
    const appended = many.map((id, index) => (index >= 2_996 ? rounded(id) : id));
    const scattered = many.map((id, index) => (index % 1_000 === 7 ? rounded(id) : id));
    expect((await refusalOf(await lists.write(listOfIds(appended))))?.message).toMatch(
      /list\.csv, line 2998, column user_id: 4 ids one after the other with 19 digits have only zeros/,
    );
    expect(await refusalOf(await lists.write(listOfIds(scattered)))).toBeNull();
  });

  test('ids that end so where they come from pass when the job says so, and are told', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(listOfIds(ids.map(rounded)));
    expect((await refusalOf(path))?.message).toMatch(/set list\.idsMayEndInZeros: true in a job file\.$/);
    const { list, rows } = await readList(path, { idsMayEndInZeros: true });
    expect(rows.filter(({ content }) => content.kind === 'record')).toHaveLength(40);
    expect(list.counts().zeroEnded).toEqual({ length: 19, ids: 40, zeroEnded: 40, firstLine: 2 });
    const sound = await readList(await lists.write(listOfIds(ids), 'sound.csv'), { idsMayEndInZeros: true });
    expect(sound.list.counts().zeroEnded).toBeNull();
  });

  test('an exponent is damage all the same', async () => {
    await using lists = await makeListFolder();
    const path = await lists.write(listOfIds(['1.23457E+18']));
    expect(await refusalOf(path, { idsMayEndInZeros: true })).toMatchObject({ reason: 'damaged' });
  });

  test('Chernoff’s bound is never below the true chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.nat(60),
        fc.constantFrom(0.1, 0.01, 0.001),
        (rows, hits, p) => {
          fc.pre(hits <= rows);
          expect(mostChance(rows, hits, p)).toBeGreaterThanOrEqual(tail(rows, hits, p) * (1 - 1e-9));
        },
      ),
    );
    expect(mostChance(7, 7, 0.1)).toBeCloseTo(1e-7, 12);
  });

  test('sound ids of every length are let pass, a thousand lists of a thousand', () => {
    const random = lcg(20261124);
    let refused = 0;
    for (let list = 0; list < 1_000; list += 1) {
      const watch = new ZeroEndedIdWatch();
      for (let row = 0; row < 1_000; row += 1) watch.look(randomId(random), row + 2);
      if (watch.finish() !== null) refused += 1;
    }
    expect(refused).toBe(0);
  });
});

/** P(X >= hits) for X of a binomial distribution. */
function tail(rows: number, hits: number, chance: number): number {
  let sum = 0;
  for (let k = hits; k <= rows; k += 1) {
    let term = 1;
    for (let i = 0; i < k; i += 1) term *= ((rows - i) / (k - i)) * chance;
    sum += term * (1 - chance) ** (rows - k);
  }
  return sum;
}

function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomId(random: () => number): string {
  const length = 16 + Math.floor(random() * 4);
  let id = '1';
  while (id.length < length) id += String(Math.floor(random() * 10));
  return id;
}

test.each([
  ['a damaged id', `user_id;par\n1.23457E+18;${PAR}\n`],
  ['a missing column', 'a;b\n1;2\n'],
])('a refusal for %s says how the list was read', async (_, content) => {
  await using lists = await makeListFolder();
  const refusal = await refusalOf(await lists.write(content));
  expect(refusal?.format).toEqual({
    format: 'csv',
    encoding: 'utf-8',
    verdict: { encoding: 'utf-8', how: 'ascii', samples: [] },
    delimiter: ';',
    sheets: null,
  });
});

test('a refusal of a file that is no text does not', async () => {
  await using lists = await makeListFolder();
  const refusal = await refusalOf(await lists.write(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1])));
  expect(refusal?.format).toBeNull();
});
