import { expect, test } from 'vitest';
import { RunSlots } from '../../../src/service/serve/run-slots.ts';

interface Taken {
  readonly name: string;
  readonly end: () => void;
}

function setup(slots: number) {
  const line = new RunSlots(slots);
  const stop = new AbortController();
  const begun: Taken[] = [];
  const take = async (name: string, rows: number | null): Promise<string | null> =>
    await line.take(rows, stop.signal, async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      begun.push({ name, end: resolve });
      await promise;
      return name;
    });
  return { take, begun, stop, names: () => begun.map(({ name }) => name) };
}

test('so many run at once; then small ones go first, and others in their order', async () => {
  const { take, begun, names } = setup(2);
  const all = [
    take('first', null),
    take('second', 5_000),
    take('long', 1_001),
    take('unknown', null),
    take('small', 1_000),
    take('smaller', 1),
  ];
  expect(names()).toEqual(['first', 'second']);
  for (let at = 0; at < all.length; at += 1) {
    begun[at]?.end();
    await all[['first', 'second', 'long', 'unknown', 'small', 'smaller'].indexOf(begun[at]?.name ?? '')];
  }
  expect(names()).toEqual(['first', 'second', 'small', 'smaller', 'long', 'unknown']);
});

test('whoever waits when it is to stop is let go without its work', async () => {
  const { take, begun, stop, names } = setup(1);
  const first = take('first', null);
  const second = take('second', 1);
  stop.abort();
  expect(await second).toBeNull();
  begun[0]?.end();
  expect(await first).toBe('first');
  expect(names()).toEqual(['first']);
});

test('a slot that was given to somebody who is leaving is free again', async () => {
  const line = new RunSlots(1);
  const leave = new AbortController();
  const end = Promise.withResolvers<void>();
  const first = line.take(null, new AbortController().signal, async () => {
    await end.promise;
    // The signal aborts in the same turn in which the slot is passed on.
    leave.abort();
  });
  const second = line.take(1, leave.signal, async () => await Promise.resolve('second'));
  end.resolve();
  await first;
  expect(await second).toBeNull();
  expect(line.free).toBe(1);
});
