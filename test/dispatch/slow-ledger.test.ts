import { expect, test } from 'vitest';
import { oneTurn, until } from '../support/stub-clock.ts';
import { answered, claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';

const RECORDS = 40;
const CONCURRENCY = 4;

/** As many as may be under way, and as many answered ones that are not durable. */
const MOST_SENDING = 2 * CONCURRENCY;

test('a ledger that writes no outcome stops the sending, and each one it writes lets one more go', async () => {
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
    const inHand = Math.min(MOST_SENDING, RECORDS - written);
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

test.each([
  ['ends with the answer of a success', enrolled, MOST_SENDING],
  ['ends with an answer that only the customer can act on', answered(400, '007_015'), MOST_SENDING],
  ['is kept by an answer that a guard counts, until it is weighed', answered(400, '001_003'), CONCURRENCY],
] as const)('a slot %s', async (_what, answer, most) => {
  const writing = Promise.withResolvers<void>();
  const world = createDispatchWorld({
    records: claimedRecords(RECORDS),
    answer: () => answer,
    concurrency: CONCURRENCY,
    beforeWrite: async (what) => {
      if (what === 'record') await writing.promise;
    },
  });
  const running = world.run();
  await until(() => world.count('send') === most);
  await world.clock.advance(60_000);
  expect(world.count('send')).toBe(most);
  writing.resolve();
  expect(await running).toBeNull();
  expect(world.recorded).toHaveLength(RECORDS);
});
