import { expect, test } from 'vitest';
import { SharedReading } from '../../src/desk/server/shared-reading.ts';
import { createStubClock } from '../support/stub-clock.ts';

const SECOND = 1_000;

function setup(read: (key: string, reading: number) => Promise<string>) {
  const clock = createStubClock();
  let readings = 0;
  const shared = new SharedReading(clock, SECOND, async (key) => {
    readings += 1;
    return await read(key, readings);
  });
  return { clock, shared, readings: () => readings };
}

test('twenty who ask within an interval cause one reading, and the next interval one more', async () => {
  const { clock, shared, readings } = setup((key, reading) => Promise.resolve(`${key}${reading}`));
  const ask = async (): Promise<string[]> =>
    await Promise.all(Array.from({ length: 20 }, async () => await shared.read('a')));
  expect(new Set(await ask())).toEqual(new Set(['a1']));
  await clock.advance(SECOND - 1);
  expect(new Set(await ask())).toEqual(new Set(['a1']));
  await clock.advance(1);
  expect(new Set(await ask())).toEqual(new Set(['a2']));
  expect(await shared.read('b')).toBe('b3');
  expect(readings()).toBe(3);
});

test('who reads anew gets what is newer, and so does everybody after', async () => {
  const { shared } = setup((key, reading) => Promise.resolve(`${key}${reading}`));
  expect(await shared.read('a')).toBe('a1');
  expect(await shared.readAnew('a')).toBe('a2');
  expect(await shared.read('a')).toBe('a2');
});

test('a reading that fails is for those who wait for it alone', async () => {
  const { shared } = setup((key, reading) =>
    reading === 1 ? Promise.reject(new Error('gone')) : Promise.resolve(key),
  );
  const both = await Promise.allSettled([shared.read('a'), shared.read('a')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await shared.read('a')).toBe('a');
});
