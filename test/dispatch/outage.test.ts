import { expect, test } from 'vitest';
import type { Reply } from '../../src/domain/outcome.ts';
import { oneTurn, until } from '../support/stub-clock.ts';
import { claimedRecords, createDispatchWorld, enrolled, noAnswer, notSent } from './dispatch-world.ts';

const SECOND = 1_000;

/** Ten calls a second to a provider that is away for a while. */
function createOutage({ from, to }: { readonly from: number; readonly to: number }) {
  const sentAt: number[] = [];
  const world = createDispatchWorld({
    records: claimedRecords(100),
    answer: () => {
      const now = world.clock.monotonic();
      sentAt.push(now);
      return now >= from && now < to ? notSent : enrolled;
    },
    concurrency: 8,
    attempts: 20,
    rate: { count: 10, windowMs: SECOND },
  });
  return { world, sentAt };
}

test('an outage of a minute is waited out with a few calls, and nobody is lost', async () => {
  const outage = { from: 3 * SECOND, to: 63 * SECOND };
  const { world, sentAt } = createOutage(outage);
  expect(await world.runThroughTime()).toBeNull();
  expect(world.progress.at(-1)).toMatchObject({ delayed: 0, final: { enrolled: 100 } });
  const meanwhile = sentAt.filter((at) => at >= outage.from && at < outage.to);
  expect(meanwhile.length).toBeGreaterThanOrEqual(5);
  expect(meanwhile.length).toBeLessThan(5 + 8 + 6);
  const back = sentAt.find((at) => at >= outage.to) ?? Infinity;
  expect(back - outage.to).toBeLessThan(32 * SECOND);
  // The log hears of it once, with its cause, and of its end.
  expect(world.availability).toMatchObject([
    { kind: 'silent', last: 'ECONNREFUSED: refused' },
    { kind: 'back' },
  ]);
});

test('one without end is an unavailable provider after ten minutes, not after one', async () => {
  const { world, sentAt } = createOutage({ from: 3 * SECOND, to: Infinity });
  const reason = await world.runThroughTime();
  expect(reason?.kind === 'provider' && reason.sentence).toMatch(/^the provider has given no answer/);
  const waited = world.clock.monotonic() - 3 * SECOND;
  expect(waited).toBeGreaterThan(9 * 60 * SECOND);
  expect(waited).toBeLessThan(11 * 60 * SECOND);
  expect(sentAt.filter((at) => at >= 3 * SECOND).length).toBeLessThanOrEqual(20 + 8);
});

test('one from the first call on is told within half a minute: the address may be wrong', async () => {
  const { world, sentAt } = createOutage({ from: 0, to: Infinity });
  expect(await world.runThroughTime()).toMatchObject({ kind: 'provider' });
  expect(sentAt.length).toBeLessThanOrEqual(20 + 8);
  expect(world.clock.monotonic()).toBeLessThan(30 * SECOND);
});

test('while the provider is in doubt one call at a time asks, and an answer lets all slots go on', async () => {
  const held: ((reply: Reply) => void)[] = [];
  const world = createDispatchWorld({
    records: claimedRecords(40),
    answer: async () => {
      const { promise, resolve } = Promise.withResolvers<Reply>();
      held.push(resolve);
      return await promise;
    },
    concurrency: 8,
    attempts: 20,
  });
  const answer = async (count: number, reply: Reply): Promise<void> => {
    const sent = world.count('record');
    for (const end of held.splice(0, count)) end(reply);
    await until(() => world.count('record') === sent + count);
  };
  const running = world.run();
  await until(() => held.length === 8);
  await answer(5, noAnswer);
  await until(() => world.progress.at(-1)?.state.kind === 'paused');
  const until1s = new Date(world.clock.now().getTime() + SECOND);
  expect(world.progress.at(-1)?.state).toEqual({ kind: 'paused', until: until1s, why: 'breaker' });
  await world.clock.advance(10 * SECOND);
  // Three were in flight before, and nobody joins them.
  expect(held).toHaveLength(3);
  await answer(3, noAnswer);
  await until(() => held.length === 1);
  for (const pause of [SECOND, SECOND]) {
    await answer(1, noAnswer);
    await world.clock.advance(pause - 1);
    expect(held).toHaveLength(0);
    await world.clock.advance(1);
    await until(() => held.length > 0);
    await oneTurn();
    expect(held).toHaveLength(1);
  }
  await answer(1, enrolled);
  await until(() => held.length === 8);
  world.stop.abort('SIGINT');
  for (const end of held) end(enrolled);
  expect(await running).toEqual({ kind: 'asked' });
});
