import { expect, test } from 'vitest';
import { oneTurn, until } from '../support/stub-clock.ts';
import { claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';

const RECORDS = 40;
const CONCURRENCY = 4;

test('a ledger that writes no outcome stops the sending at once, and each one it writes lets one more go', async () => {
  let writing = Promise.withResolvers<void>();
  let sets = 0;
  const world = createDispatchWorld({
    records: claimedRecords(RECORDS),
    answer: () => enrolled,
    concurrency: CONCURRENCY,
    beforeWrite: async (what) => {
      if (what !== 'record') return;
      sets += 1;
      await writing.promise;
    },
  });
  const running = world.run();
  while (world.recorded.length < RECORDS) {
    const written = world.recorded.length;
    const before = sets;
    const inHand = Math.min(CONCURRENCY, RECORDS - written);
    await until(() => world.count('send') === written + inHand);
    // A minute in which no outcome is written.
    await world.clock.advance(60_000);
    expect(world.count('send')).toBe(written + inHand);
    expect(world.count('mark')).toBe(written + inHand);
    // The next set waits as this one did.
    const set = writing;
    writing = Promise.withResolvers<void>();
    set.resolve();
    await until(() => sets > before || world.recorded.length === RECORDS);
    await oneTurn();
    expect(world.recorded.length).toBeGreaterThan(written);
  }
  expect(await running).toBeNull();
  expect(world.recorded.map((call) => call.recordNo)).toHaveLength(RECORDS);
  expect(world.count('send')).toBe(RECORDS);
});
