import { describe, expect, test, vi } from 'vitest';
import { createCallBudget } from '../../src/dispatch/gate/call-budget.ts';
import type { GateOptions } from '../../src/dispatch/gate/permit-gate.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { RateLimit } from '../../src/dispatch/gate/permit-windows.ts';
import { LARGEST_MARGIN_MS } from '../../src/dispatch/gate/transit-margin.ts';
import { countGiven, createGateWorld, restoreTimersAfterTest, settle, type GateWorld } from './gate-world.ts';
import { fullestWindow } from './windows.ts';

const WINDOW = 1_000;
/** Time in which a call that left may still arrive, while none has been measured. */
const TRANSIT = LARGEST_MARGIN_MS;
const SLACK = 2;

function setup(limit: RateLimit = { count: 3, windowMs: WINDOW }): GateWorld {
  restoreTimersAfterTest();
  return createGateWorld([limit]);
}

describe('permits', () => {
  test('as many as the limit at once; the next only when one came back', async () => {
    const { take, clock } = setup();
    const takings = await take(5);
    expect(countGiven(takings)).toBe(3);
    await clock.advance(60_000);
    expect(countGiven(takings)).toBe(3);
  });

  test('one comes back a window after its call was over, not a millisecond earlier', async () => {
    const { take, clock } = setup();
    const takings = await take(4);
    await clock.advance(100);
    takings[0]?.permit?.finish('sound');
    await clock.advance(WINDOW);
    expect(countGiven(takings)).toBe(3);
    await clock.advance(SLACK);
    expect(countGiven(takings)).toBe(4);
  });

  test('a call whose answer takes long gives it back once it surely had arrived', async () => {
    const { take, clock } = setup();
    const takings = await take(4);
    takings[0]?.permit?.left();
    await clock.advance(WINDOW + TRANSIT);
    expect(countGiven(takings)).toBe(3);
    await clock.advance(SLACK);
    expect(countGiven(takings)).toBe(4);
    takings[0]?.permit?.finish('sound');
    await clock.advance(10 * WINDOW);
    expect(countGiven(await take(1))).toBe(0);
  });

  test('an answer within the transit time proves the arrival', async () => {
    const { take, clock } = setup();
    const takings = await take(4);
    takings[0]?.permit?.left();
    await clock.advance(5);
    takings[0]?.permit?.finish('sound');
    await clock.advance(WINDOW - 1);
    expect(countGiven(takings)).toBe(3);
    await clock.advance(1 + SLACK);
    expect(countGiven(takings)).toBe(4);
  });

  test('one that was not used is free at once', async () => {
    const { take } = setup();
    const takings = await take(4);
    takings[0]?.permit?.giveBack();
    await settle();
    expect(countGiven(takings)).toBe(4);
  });

  test('none comes back twice, whatever is said after its end', async () => {
    const { take, clock } = setup({ count: 1, windowMs: WINDOW });
    const [first] = await take(1);
    first?.permit?.left();
    first?.permit?.giveBack();
    first?.permit?.finish('sound');
    first?.permit?.finish('sound');
    first?.permit?.left();
    first?.permit?.giveBack();
    await clock.advance(3 * WINDOW);
    const [second, third] = await take(2);
    expect([second?.state, third?.state]).toEqual(['given', 'waiting']);
    second?.permit?.giveBack();
    second?.permit?.giveBack();
    second?.permit?.finish('sound');
    await clock.advance(3 * WINDOW);
    expect(third?.state).toBe('given');
    expect(countGiven(await take(1))).toBe(0);
  });

  test('above some 20/s they are taken in batches, and the limit is the same', async () => {
    const { take, clock } = setup({ count: 500, windowMs: WINDOW });
    const takings = await take(507);
    expect(countGiven(takings)).toBe(500);
    for (const { permit } of takings) permit?.finish('sound');
    await clock.advance(WINDOW + SLACK);
    expect(countGiven(takings)).toBe(507);
  });

  test('a batch whose waiters went away is given back', async () => {
    const { take, clock } = setup({ count: 500, windowMs: WINDOW });
    const takings = await take(505);
    for (const taking of takings.slice(501)) taking.abort();
    for (const { permit } of takings) permit?.finish('sound');
    await clock.advance(WINDOW + SLACK);
    expect(takings[500]?.state).toBe('given');
    expect(countGiven(await take(500))).toBe(499);
  });

  test('who finds one free and nobody waiting has it in the same turn, without the line', async () => {
    const { gate, take } = setup();
    const never = new AbortController().signal;
    const atOnce: unknown[] = [];
    for (let count = 0; count < 4; count += 1) void gate.take(never).then((permit) => atOnce.push(permit));
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(atOnce).toHaveLength(3);
    // The fourth waits, and whoever comes now waits behind it.
    expect(countGiven(await take(1))).toBe(0);
  });

  test('first come, first served', async () => {
    const { take, clock } = setup({ count: 1, windowMs: WINDOW });
    const [first, second, third] = await take(3);
    first?.permit?.finish('sound');
    await clock.advance(WINDOW + SLACK);
    expect([second?.state, third?.state]).toEqual(['given', 'waiting']);
  });
});

/** A gate whose calls are spread, adaptive where asked. */
function setupSpread(count: number, options: GateOptions = {}): GateWorld {
  restoreTimersAfterTest();
  return createGateWorld([{ count, windowMs: WINDOW }], () => ({ burst: 1, ...options }));
}

/** Calls that are over in the moment they have their permits: when each of them leaves. */
async function noteDepartures({ take, clock }: GateWorld, count: number, ms: number): Promise<number[]> {
  const departures: number[] = [];
  const takings = await take(count, (taking) => {
    taking.onGiven = (permit) => {
      departures.push(clock.monotonic());
      permit.left();
      permit.finish('sound');
    };
  });
  await clock.advance(ms);
  for (const taking of takings) taking.abort();
  await settle();
  return departures;
}

describe('the spread', () => {
  test('calls leave one interval apart, from the first on', async () => {
    const world = setupSpread(10);
    const departures = await noteDepartures(world, 20, 950);
    expect(departures).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  });

  test('over several seconds nearly all of the rate is used, and no 100 ms has more than its share and two', async () => {
    for (const rate of [10, 50, 200, 500, 1_000]) {
      const world = setupSpread(rate);
      const departures = await noteDepartures(world, rate * 6, 6_000);
      expect(departures.length).toBeGreaterThanOrEqual(rate * 6 * (rate > 200 ? 0.95 : 0.97));
      expect(fullestWindow(departures, WINDOW)).toBeLessThanOrEqual(rate);
      expect(fullestWindow(departures, 100)).toBeLessThanOrEqual(1.5 * (rate / 10) + 2);
      await world.close();
    }
  });

  test.each([
    [10, 1],
    [50, 2],
    [200, 5],
    [1_000, 21],
  ])('of an idle time no more than 20 ms are made up: at %i/s %i leave', async (rate, together) => {
    const world = setupSpread(rate);
    await world.clock.advance(60_000);
    expect(await noteDepartures(world, 100, 0)).toHaveLength(together);
  });

  test('after a pause nothing is made up at all', async () => {
    const world = setupSpread(200);
    await world.clock.advance(10_000);
    world.gate.pause(5_000);
    await world.clock.advance(5_000);
    expect(await noteDepartures(world, 100, 0)).toHaveLength(1);
  });

  test('a burst lets so many leave together, also after a pause, and no window more than the limit', async () => {
    const world = setupSpread(10, { burst: 4 });
    const departures = await noteDepartures(world, 40, 2_000);
    expect(departures.filter((at) => at === 0)).toHaveLength(4);
    expect(departures.slice(4, 7)).toEqual([100, 200, 300]);
    expect(fullestWindow(departures, WINDOW)).toBe(10);
    world.gate.pause(5_000);
    await world.clock.advance(5_000);
    expect(await noteDepartures(world, 40, 0)).toHaveLength(4);
  });

  test('a slower rate is spread wider, and getting faster makes no burst', async () => {
    const world = setupSpread(100, { adaptive: true });
    const [refused] = await world.take(1);
    refused?.permit?.left();
    refused?.permit?.finish('throttled');
    const departures = await noteDepartures(world, 2_000, 12_000);
    expect(departures.slice(0, 3).map((at) => Math.round(at / 10))).toEqual([2, 4, 6]);
    expect(fullestWindow(departures, 100)).toBeLessThanOrEqual(13);
    expect(fullestWindow(departures.slice(-200), WINDOW)).toBeGreaterThanOrEqual(97);
  });

  test('of several limits the slowest sets the distance', async () => {
    restoreTimersAfterTest();
    const limits = [
      { count: 20, windowMs: WINDOW },
      { count: 60, windowMs: 60 * WINDOW },
    ];
    const world = createGateWorld(limits, () => ({ burst: 1 }));
    expect(await noteDepartures(world, 10, 3_500)).toEqual([0, 1_000, 2_000, 3_000]);
  });

  test('goes on from the calls of before', async () => {
    const world = setupSpread(10);
    const { fill } = world;
    await fill([30, 400]);
    expect(await noteDepartures(world, 3, 300)).toEqual([70, 170, 270]);
  });

  test('the place of a call that was not made is free again', async () => {
    const world = setupSpread(1);
    const [first, second] = await world.take(2);
    first?.permit?.giveBack();
    await settle();
    expect(second?.state).toBe('given');
  });

  test('jobs that use less than the rate do not seem to wait for permits', async () => {
    const world = setupSpread(20);
    await noteDepartures(world, 3, 500);
    expect(world.gate.takeDemand().wants).toBe(false);
    await noteDepartures(world, 60, 2_000);
    expect(world.gate.takeDemand().wants).toBe(true);
  });
});

describe('the wall clock', () => {
  test.each([-2 * 3_600_000, 3_600_000])('put elsewhere by %i ms delays no call', async (jump) => {
    restoreTimersAfterTest();
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const wall = Date.UTC(2026, 10, 24);
    vi.setSystemTime(wall);
    const world = createGateWorld([{ count: 10, windowMs: WINDOW }], () => ({ burst: 1 }));
    vi.setSystemTime(wall + jump);
    expect(await noteDepartures(world, 10, 250)).toEqual([0, 100, 200]);
    vi.setSystemTime(wall + 2 * jump);
    expect(await noteDepartures(world, 10, 250)).toHaveLength(3);
  });
});

describe('several limits', () => {
  const limits = [
    { count: 3, windowMs: WINDOW },
    { count: 4, windowMs: 60 * WINDOW },
  ];

  test('each call takes a permit of all of them, and waits for the last to come back', async () => {
    restoreTimersAfterTest();
    const { take, clock } = createGateWorld(limits);
    const takings = await take(6);
    for (const { permit } of takings) permit?.finish('sound');
    expect(countGiven(takings)).toBe(3);
    await clock.advance(WINDOW + SLACK);
    expect(countGiven(takings)).toBe(4);
    await clock.advance(59 * WINDOW - SLACK);
    expect(countGiven(takings)).toBe(4);
    await clock.advance(SLACK);
    expect(countGiven(takings)).toBe(6);
  });

  test('one that was not used is free in all of them', async () => {
    restoreTimersAfterTest();
    const { take } = createGateWorld(limits);
    const takings = await take(4);
    takings[0]?.permit?.giveBack();
    await settle();
    expect(countGiven(takings)).toBe(4);
  });

  test('each is filled with the calls of its own window', async () => {
    restoreTimersAfterTest();
    const { take, fill, clock } = createGateWorld(limits);
    await fill([500, 20_000, 30_000, 70_000]);
    const takings = await take(4);
    expect(countGiven(takings)).toBe(1);
    await clock.advance(30 * WINDOW + TRANSIT - 1);
    expect(countGiven(takings)).toBe(1);
    // The minute gives back in steps of 60 ms.
    await clock.advance(60);
    expect(countGiven(takings)).toBe(2);
  });
});

describe('budgets', () => {
  function budgetOf(most: number): (clock: Clock) => GateOptions {
    return (clock) => ({
      budgets: [
        createCallBudget({
          cause: 'max_calls',
          most,
          counted: 0,
          endOf: null,
          clock,
          sentence: (made) => `${made} made`,
        }),
      ],
    });
  }

  test('once spent, the waiting are sent away and nobody gets a permit any more', async () => {
    restoreTimersAfterTest();
    const { gate, take } = createGateWorld([{ count: 10, windowMs: WINDOW }], budgetOf(2));
    expect(gate.spent()).toBeNull();
    const takings = await take(4);
    expect(takings.map(({ state }) => state)).toEqual(['given', 'given', 'away', 'away']);
    expect(gate.spent()).toEqual({ cause: 'max_calls', sentence: '2 made' });
    expect((await take(1))[0]?.state).toBe('away');
  });

  test('a call that was not sent, or not made, does not count', async () => {
    restoreTimersAfterTest();
    const { gate, take } = createGateWorld([{ count: 10, windowMs: WINDOW }], budgetOf(3));
    const [first, second, third] = await take(3);
    first?.permit?.finish('not_sent');
    second?.permit?.giveBack();
    third?.permit?.finish('fault');
    expect(gate.spent()).toBeNull();
    expect(countGiven(await take(3))).toBe(2);
    expect(gate.spent()).toEqual({ cause: 'max_calls', sentence: '3 made' });
  });
});

describe('a part of the limits', () => {
  test('fewer permits are in use at once, more as soon as they are allowed', async () => {
    const { gate, take, clock } = setup({ count: 4, windowMs: WINDOW });
    const takings = await take(6);
    gate.narrow([2]);
    for (const { permit } of takings) permit?.finish('sound');
    await clock.advance(WINDOW + SLACK);
    expect([countGiven(takings), gate.out]).toEqual([6, [2]]);
    const more = await take(3);
    expect(countGiven(more)).toBe(0);
    gate.narrow([3]);
    await settle();
    expect(countGiven(more)).toBe(0);
    gate.allow([3], Infinity);
    await settle();
    expect(countGiven(more)).toBe(1);
  });

  test('ends with its time, and whoever waits goes on when it is allowed again', async () => {
    const { gate, take, clock } = setup({ count: 4, windowMs: WINDOW });
    gate.allow([4], 5_000);
    await clock.advance(4_999);
    expect(countGiven(await take(1))).toBe(1);
    await clock.advance(1);
    const waiting = await take(1);
    await clock.advance(60_000);
    expect(countGiven(waiting)).toBe(0);
    gate.allow([4], Infinity);
    await settle();
    expect(countGiven(waiting)).toBe(1);
  });

  test('tells whether a call had to wait since it was asked last', async () => {
    const { gate, take, clock } = setup({ count: 2, windowMs: WINDOW });
    const takings = await take(2);
    expect(gate.takeDemand().wants).toBe(false);
    const [waiting] = await take(1);
    for (const { permit } of takings) permit?.finish('sound');
    await clock.advance(WINDOW + SLACK);
    expect(waiting?.state).toBe('given');
    expect([gate.takeDemand().wants, gate.takeDemand().wants]).toEqual([true, false]);
  });

  test('that can not be had fails whoever waits and whoever asks', async () => {
    const { gate } = setup({ count: 1, windowMs: WINDOW });
    const never = new AbortController().signal;
    const held = gate.take(never);
    await settle();
    const waiting = gate.take(never);
    gate.fail(new Error('overtaken'));
    await expect(waiting).rejects.toThrow('overtaken');
    await expect(gate.take(never)).rejects.toThrow('overtaken');
    expect(await held).not.toBeNull();
  });
});

describe('adaptive', () => {
  function setupAdaptive(limits: readonly RateLimit[]): GateWorld {
    restoreTimersAfterTest();
    return createGateWorld(limits, () => ({ adaptive: true }));
  }

  /** So many calls that are over in the moment they have their permits, and how many of them within a second. */
  async function callForOneSecond({ take, clock }: GateWorld, count: number): Promise<number> {
    const takings = await take(count, (taking) => {
      taking.onGiven = (permit) => {
        permit.left();
        permit.finish('sound');
      };
    });
    await clock.advance(WINDOW);
    for (const taking of takings) taking.abort();
    await settle();
    return countGiven(takings);
  }

  test('a 429 leaves half the permits in circulation at once, and they come back little by little', async () => {
    const world = setupAdaptive([{ count: 20, windowMs: WINDOW }]);
    const [refused, ...others] = await world.take(20, (taking) => {
      taking.onGiven = (permit) => permit.left();
    });
    refused?.permit?.finish('throttled');
    for (const { permit } of others) permit?.finish('sound');
    expect(world.gate.slowedTo).toBe(10);
    await world.clock.advance(2 * WINDOW);
    expect(world.gate.slowedTo).toBe(12);
    expect(await callForOneSecond(world, 40)).toBe(12);
    await world.clock.advance(10 * WINDOW);
    expect(world.gate.slowedTo).toBeNull();
    expect(await callForOneSecond(world, 40)).toBe(20);
  });

  test('of a single permit it makes one that comes back later', async () => {
    const world = setupAdaptive([{ count: 1, windowMs: WINDOW }]);
    const [refused] = await world.take(1);
    refused?.permit?.finish('throttled');
    await world.clock.advance(WINDOW + SLACK);
    const [second, third] = await world.take(2);
    expect([second?.state, third?.state]).toEqual(['given', 'waiting']);
    second?.permit?.finish('sound');
    // 1 / 0.55: the part in use when the second call was over.
    await world.clock.advance(WINDOW + 800);
    expect(third?.state).toBe('waiting');
    await world.clock.advance(25);
    expect(third?.state).toBe('given');
  });

  test('a limit by the minute is slowed by the second', async () => {
    const world = setupAdaptive([{ count: 1_200, windowMs: 60 * WINDOW }]);
    const [refused] = await world.take(1);
    refused?.permit?.finish('throttled');
    expect(world.gate.slowedTo).toBe(10);
    await world.clock.advance(2 * WINDOW);
    expect(await callForOneSecond(world, 60)).toBe(12);
  });

  test('off, nothing slows the calls', async () => {
    const world = setup({ count: 2, windowMs: WINDOW });
    const takings = await world.take(2);
    for (const { permit } of takings) permit?.finish('throttled');
    await world.clock.advance(WINDOW + SLACK);
    expect([world.gate.slowedTo, countGiven(await world.take(2))]).toEqual([null, 2]);
  });
});

describe('the margin', () => {
  test('is measured: how much longer than the quickest the slowest of the last calls took', async () => {
    const { take, clock } = setup({ count: 50, windowMs: WINDOW });
    const takings = await take(50);
    for (const { permit } of takings) permit?.left();
    await clock.advance(100);
    for (const { permit } of takings.slice(0, 20)) permit?.finish('sound');
    await clock.advance(30);
    for (const { permit } of takings.slice(20, 48)) permit?.finish('sound');
    await clock.advance(5_000);
    for (const { permit } of takings.slice(48)) permit?.finish('fault');
    await clock.advance(5_000);
    // 130 ms at most against 100 ms at least.
    const [again] = await take(50);
    again?.permit?.left();
    const waiting = await take(1);
    await clock.advance(WINDOW + 30);
    expect(countGiven(waiting)).toBe(0);
    await clock.advance(SLACK);
    expect(countGiven(waiting)).toBe(1);
  });
});

describe('withdrawal', () => {
  test('who stops waiting leaves the permit to the others', async () => {
    const { take, clock } = setup({ count: 1, windowMs: WINDOW });
    const [first, second, third] = await take(3);
    second?.abort();
    await settle();
    expect(second?.state).toBe('away');
    first?.permit?.finish('sound');
    await clock.advance(WINDOW + SLACK);
    expect(third?.state).toBe('given');
  });

  test('a signal that was aborted before gets none', async () => {
    const { gate, take } = setup();
    expect(await gate.take(AbortSignal.abort())).toBeNull();
    expect(countGiven(await take(3))).toBe(3);
  });

  test('a pause sends everyone away, and nobody in while it lasts', async () => {
    const { gate, take, clock } = setup({ count: 1, windowMs: WINDOW });
    const [holder, waiting] = await take(2);
    gate.pause(5_000);
    await settle();
    expect([holder?.state, waiting?.state]).toEqual(['given', 'away']);
    holder?.permit?.finish('sound');
    await clock.advance(4_999);
    expect((await take(1))[0]?.state).toBe('away');
    await clock.advance(1);
    expect((await take(1))[0]?.state).toBe('given');
  });

  test('untilOpen waits for the end of the longest pause', async () => {
    const { gate, clock } = setup();
    const never = new AbortController().signal;
    await gate.untilOpen(never);
    gate.pause(5_000);
    gate.pause(1_000);
    let isOpen = false;
    const opened = gate.untilOpen(never).then(() => {
      isOpen = true;
    });
    await clock.advance(3_000);
    gate.pause(4_000);
    await clock.advance(3_999);
    expect(isOpen).toBe(false);
    await clock.advance(1);
    await opened;
    expect(isOpen).toBe(true);
  });

  test('tells why it holds every process, as long as it does', async () => {
    const { gate, clock } = setup();
    gate.pause(1_000);
    expect(gate.pauseWhy).toBeNull();
    gate.pause(5_000, 'throttled');
    gate.pause(2_000, 'breaker');
    expect(gate.pauseWhy).toBe('throttled');
    await clock.advance(5_000);
    expect(gate.pauseWhy).toBeNull();
  });

  test('untilOpen ends with its signal', async () => {
    const { gate, clock } = setup();
    gate.pause(600_000);
    const stop = new AbortController();
    const opened = gate.untilOpen(stop.signal);
    await settle();
    stop.abort();
    await opened;
    expect(clock.sleeping).toBe(0);
  });
});

describe('fill', () => {
  test('calls of before count until a window after they had arrived', async () => {
    const { fill, take, clock } = setup();
    await fill([100, 900, 1_046, 5_000]);
    const takings = await take(3);
    expect(countGiven(takings)).toBe(1);
    await clock.advance(WINDOW + TRANSIT - 900);
    expect(countGiven(takings)).toBe(1);
    await clock.advance(SLACK);
    expect(countGiven(takings)).toBe(2);
    await clock.advance(800);
    expect(countGiven(takings)).toBe(3);
  });

  test('of more calls than permits the youngest count, in whatever order they come', async () => {
    const { fill, take, clock } = setup({ count: 2, windowMs: WINDOW });
    await fill([900, 800, 200, 100, 700]);
    const takings = await take(2);
    await clock.advance(WINDOW + TRANSIT - 200 + SLACK - 1);
    expect(countGiven(takings)).toBe(0);
    await clock.advance(1);
    expect(countGiven(takings)).toBe(1);
    await clock.advance(100);
    expect(countGiven(takings)).toBe(2);
  });

  test('one that left a window ago may have arrived later, and counts until that is over', async () => {
    const { fill, take, clock } = setup({ count: 1, windowMs: WINDOW });
    await fill([WINDOW + TRANSIT - 1]);
    const takings = await take(1);
    expect(countGiven(takings)).toBe(0);
    await clock.advance(1 + SLACK);
    expect(countGiven(takings)).toBe(1);
  });

  test('what was filled comes back in the end', async () => {
    const { fill, take, clock } = setup({ count: 20, windowMs: WINDOW });
    await fill(Array.from({ length: 50 }, (_, index) => index * 10));
    await clock.advance(2 * WINDOW);
    expect(countGiven(await take(25))).toBe(20);
  });
});

describe('close', () => {
  test('sends the waiting away and leaves no timer and no sleeper', async () => {
    const { take, clock, close } = setup();
    const takings = await take(4);
    takings[0]?.permit?.left();
    takings[1]?.permit?.finish('sound');
    await settle();
    expect(clock.sleeping).toBe(1);
    await close();
    expect(takings[3]?.state).toBe('away');
    takings[0]?.permit?.finish('sound');
    takings[2]?.permit?.left();
    takings[2]?.permit?.finish('sound');
    await settle();
    expect([clock.sleeping, vi.getTimerCount()]).toEqual([0, 0]);
    expect((await take(1))[0]?.state).toBe('away');
  });
});
