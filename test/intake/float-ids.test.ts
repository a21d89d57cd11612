import { expect, test } from 'vitest';
import { FloatIdWatch, type FloatIds } from '../../src/intake/rows/float-ids.ts';
import { makeListFolder, readList, refusalOf } from './list-folder.ts';

function watched(ids: readonly string[]): FloatIds | null {
  const watch = new FloatIdWatch();
  for (const [index, id] of ids.entries()) watch.look(id, index + 2);
  return watch.finish();
}

/** Ids without a pattern, from a multiplicative sequence: always the same ones. */
function idsOf(count: number, digits = 19, seed = 1): string[] {
  const [low, size] = [10n ** BigInt(digits - 1), 9n * 10n ** BigInt(digits - 1)];
  return Array.from({ length: count }, (_, index) =>
    String(low + ((BigInt(index + seed) * 7_046_029_254_386_353_131n + 88_172_645_463_325_252n) % size)),
  );
}

/** As Java, C and data frames write a double that held an id. */
const asInteger = (id: string): string => String(BigInt(Number(id)));
/** As JavaScript and jq write it: the shortest digits, filled up with zeros. */
const asShortest = (id: string): string => String(Number(id));

test.each([
  ['exact values', asInteger],
  ['shortest digits', asShortest],
])('long ids that a program kept as floating-point numbers: %s', (_, round) => {
  expect(watched(idsOf(200).map(round))).toEqual({ ids: 200, rounded: 200, firstLine: 2 });
  expect(watched(idsOf(200, 18).map(round))).toMatchObject({ rounded: 200 });
  expect(watched(idsOf(40).map(round))).not.toBeNull();
});

test('a few rows from elsewhere do not hide them', () => {
  expect(watched([...idsOf(100).map(asInteger), ...idsOf(4, 19, 500)])).toMatchObject({
    ids: 104,
    rounded: 100,
  });
});

test.each<readonly [string, readonly string[]]>([
  ['ids without a pattern', idsOf(3_000)],
  ['of 18 digits', idsOf(3_000, 18)],
  ['of 16 and 17 digits', [...idsOf(500, 16).map(asInteger), ...idsOf(500, 17).map(asInteger)]],
  ['ids in sequence', Array.from({ length: 500 }, (_, n) => String(1_234_567_890_123_450_000n + BigInt(n)))],
  [
    'in steps of a hundred',
    Array.from({ length: 500 }, (_, n) => String(1_234_567_890_123_400_000n + 100n * BigInt(n * 7 + 1))),
  ],
  ['in steps of a thousand', idsOf(500).map((id) => `${id.slice(0, -3)}000`)],
  [
    'a time and a counter that stays 0',
    Array.from({ length: 500 }, (_, n) => String((411_111_111_111n + BigInt(n * 977)) << 22n)),
  ],
  [
    'a time and the number of one machine',
    Array.from({ length: 500 }, (_, n) => String(((21_111_111_111_111n + BigInt(n * 977)) << 16n) + 256n)),
  ],
  ['three ids', idsOf(3).map(asInteger)],
  ['none', []],
])('are no such numbers: %s', (_, ids) => {
  expect(watched(ids)).toBeNull();
});

test('the list is refused with its first line, unless the ids are said to be right', async () => {
  await using lists = await makeListFolder();
  const rows = idsOf(60).map((id, index) => `${asInteger(id)},Q1MEMBER${String(index).padStart(19, '0')}`);
  const path = await lists.write(`user_id,par\n${rows.join('\n')}\n`);
  const refusal = await refusalOf(path);
  expect(refusal).toMatchObject({ reason: 'damaged', line: 2, column: 'user_id' });
  expect(refusal?.message).toMatch(/60 of 60 different long ids .* floating point .*idsMayEndInZeros: true/);
  expect(refusal?.korean).toMatch(/60개 가운데 60개가 부동소수점/);
  for (const options of [{ idsMayEndInZeros: true }, { saidYes: true }]) {
    expect((await readList(path, options)).rows).toHaveLength(60);
  }
});
