import { expect, test } from 'vitest';
import { createSetWriter } from '../../src/dispatch/call/set-writer.ts';
import { oneTurn, until } from '../support/stub-clock.ts';

/** A database that answers when the test says so. */
function setup(largestSet = 100) {
  const sets: { items: readonly number[]; end: PromiseWithResolvers<void> }[] = [];
  const writer = createSetWriter<number>(async (items) => {
    const end = Promise.withResolvers<void>();
    sets.push({ items, end });
    await end.promise;
  }, largestSet);
  const settled: string[] = [];
  const add = (item: number): void => {
    writer.add(item).then(
      () => settled.push(`${item} written`),
      (error: unknown) => settled.push(`${item} ${error instanceof Error ? error.message : 'rejected'}`),
    );
  };
  return { sets, add, settled };
}

test('what is added in one turn is one set', async () => {
  const { sets, add } = setup();
  for (const item of [1, 2, 3]) add(item);
  expect(sets).toHaveLength(0);
  await until(() => sets.length > 0);
  expect(sets.map((set) => set.items)).toEqual([[1, 2, 3]]);
});

test('what is added during a writing is the next set, in order', async () => {
  const { sets, add, settled } = setup();
  add(1);
  await until(() => sets.length === 1);
  for (const item of [2, 3, 4]) {
    add(item);
    await oneTurn();
  }
  expect(sets).toHaveLength(1);
  expect(settled).toEqual([]);
  sets[0]?.end.resolve();
  await until(() => sets.length === 2);
  expect(sets[1]?.items).toEqual([2, 3, 4]);
  expect(settled).toEqual(['1 written']);
  sets[1]?.end.resolve();
  await until(() => settled.length === 4);
});

test('no set is larger than allowed, none is written beside another, none is lost', async () => {
  const { sets, add, settled } = setup(4);
  for (let item = 1; item <= 10; item += 1) add(item);
  for (const count of [1, 2, 3]) {
    await until(() => sets.length === count);
    await oneTurn();
    expect(sets).toHaveLength(count);
    sets[count - 1]?.end.resolve();
  }
  await until(() => settled.length === 10);
  expect(sets.map((set) => set.items)).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [9, 10],
  ]);
});

test('a rejection reaches the items of its set and no others; the next set is still written', async () => {
  const { sets, add, settled } = setup(2);
  for (const item of [1, 2, 3]) add(item);
  await until(() => sets.length === 1);
  sets[0]?.end.reject(new Error('broken'));
  await until(() => sets.length === 2);
  add(4);
  sets[1]?.end.resolve();
  await until(() => sets.length === 3);
  sets[2]?.end.resolve();
  await until(() => settled.length === 4);
  expect(settled).toEqual(['1 broken', '2 broken', '3 written', '4 written']);
});

test('a writing that throws at once is a rejection like any other', async () => {
  const writer = createSetWriter<number>(() => {
    throw new Error('at once');
  }, 10);
  await expect(writer.add(1)).rejects.toThrow('at once');
  await expect(writer.add(2)).rejects.toThrow('at once');
});

test('begins again after it had nothing to do', async () => {
  const { sets, add, settled } = setup();
  for (const item of [1, 2]) {
    add(item);
    await until(() => sets.length === item);
    sets[item - 1]?.end.resolve();
    await until(() => settled.length === item);
    await oneTurn();
  }
  expect(settled).toEqual(['1 written', '2 written']);
});

test('an item added by whoever heard of its writing is written too', async () => {
  const written: number[][] = [];
  const writer = createSetWriter<number>(async (items) => {
    await Promise.resolve();
    written.push([...items]);
  }, 10);
  for (let item = 1; item <= 50; item += 1) await writer.add(item);
  expect(written.flat()).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
});
