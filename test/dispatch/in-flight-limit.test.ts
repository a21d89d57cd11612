import { describe, expect, test } from 'vitest';
import type { CallSign } from '../../src/dispatch/gate/call-sign.ts';
import { InFlightLimit, type CallUnderWay } from '../../src/dispatch/gate/in-flight-limit.ts';
import { claimedRecords, answered, createDispatchWorld, enrolled, notSent } from './dispatch-world.ts';

/** A call that began as the `level`-th under way, and is over. */
function note(limit: InFlightLimit, sign: CallSign, level: number, at: number, now: number): void {
  limit.begin(level, at).end(sign, now);
}

/** So many good answers to calls that began as the `level`-th under way. */
function reward(limit: InFlightLimit, count: number, level = 1, at = 10_000): void {
  for (let answer = 0; answer < count; answer += 1) {
    const call = limit.begin(level, at);
    call.heard();
    call.end('sound', at);
  }
}

describe('the limit', () => {
  test.each(['throttled', 'overloaded', 'not_sent'] as const)(
    'halves what was under way at %s; good answers give it back one by one',
    (sign) => {
      const limit = new InFlightLimit(16);
      note(limit, sign, 10, 0, 1);
      expect(limit.allowed).toBe(5);
      reward(limit, 4);
      expect(limit.allowed).toBe(9);
      reward(limit, 100);
      expect(limit.allowed).toBe(16);
    },
  );

  test('never falls below one, and other faults leave it as it is', () => {
    const limit = new InFlightLimit(4);
    note(limit, 'fault', 4, 0, 1);
    expect(limit.allowed).toBe(4);
    for (let at = 1; at < 20; at += 1) note(limit, 'overloaded', 1, at, at);
    expect(limit.allowed).toBe(1);
  });

  test('is halved once by all those that were under way together', () => {
    const limit = new InFlightLimit(16);
    for (let level = 16; level > 8; level -= 1) note(limit, 'overloaded', level, 0, 5);
    expect(limit.allowed).toBe(8);
  });
});

/** From 0 up to 1, the same each time. */
function createChance(): () => number {
  let state = 1;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe('what is learnt', () => {
  /** A provider that bears so many at once; calls leave as long as the limit lets them and end one after the other. */
  function callAll(limit: InFlightLimit, records: number, bears: number): number {
    const underWay: { call: CallUnderWay; isRefused: boolean }[] = [];
    let calls = 0;
    let done = 0;
    for (let now = 0; done < records; now += 1) {
      while (underWay.length < limit.allowed && done + underWay.length < records) {
        const level = underWay.length + 1;
        underWay.push({ call: limit.begin(level, now), isRefused: level > bears });
        calls += 1;
      }
      // Refusals come at once, answers in their order.
      const refused = underWay.findIndex(({ isRefused }) => isRefused);
      const [over] = underWay.splice(Math.max(0, refused), 1);
      if (over === undefined) break;
      over.call.end(over.isRefused ? 'overloaded' : 'sound', now + 1);
      if (!over.isRefused) done += 1;
    }
    return calls;
  }

  test.each([1, 4, 7])('of a provider that bears %i at once, at the cost of a few calls', (bears) => {
    const limit = new InFlightLimit(16);
    const calls = callAll(limit, 400, bears);
    expect(calls).toBeLessThanOrEqual(400 * 1.06);
    expect(limit.learnt).toBe(bears);
  });

  test('nothing, of one that bears all of them', () => {
    const limit = new InFlightLimit(16);
    expect(callAll(limit, 400, 16)).toBe(400);
    expect([limit.learnt, limit.allowed]).toEqual([null, 16]);
  });

  test('nothing, where calls are refused however few they are', () => {
    const limit = new InFlightLimit(16);
    for (let at = 1; at < 200; at += 1)
      note(limit, at % 2 === 0 ? 'throttled' : 'sound', 1 + (at % 3), at, at);
    expect(limit.learnt).toBeNull();
  });

  test('nothing, of refusals here and there', () => {
    const limit = new InFlightLimit(16);
    for (let at = 1; at < 5_000; at += 1) {
      const level = 1 + (at % limit.allowed);
      note(limit, at % 33 === 0 ? 'overloaded' : 'sound', level, at, at);
    }
    expect(limit.learnt).toBeNull();
  });
});

describe('new connections that nobody takes up', () => {
  interface Gateway {
    /** Connections it serves; others wait until one of them is closed. */
    readonly serves: number;
    readonly latencyMs: number;
    readonly timeoutMs: number;
    /** The share of the calls it serves that it never answers. */
    readonly loses?: number;
  }

  const signs = { answered: 'sound', lost: 'timed_out', unheard: 'unheard' } as const;

  interface Sent {
    readonly call: CallUnderWay;
    readonly endsAt: number;
    readonly end: keyof typeof signs;
    readonly isServed: boolean;
  }

  /** Calls over connections that are kept: a kept one is taken first, as by the client. */
  function callThrough(limit: InFlightLimit, records: number, gateway: Gateway) {
    const { serves, latencyMs, timeoutMs, loses = 0 } = gateway;
    const chance = createChance();
    let underWay: Sent[] = [];
    const ends = { answered: 0, lost: 0, unheard: 0 };
    let idle = 0;
    let open = 0;
    let now = 0;

    function send(): Sent {
      const call = limit.begin(underWay.length + 1, now);
      const isKept = idle > 0;
      if (isKept) call.heard();
      if (!isKept && open === serves)
        return { call, endsAt: now + timeoutMs, end: 'unheard', isServed: false };
      if (isKept) idle -= 1;
      else open += 1;
      return chance() < loses
        ? { call, endsAt: now + timeoutMs, end: isKept ? 'lost' : 'unheard', isServed: true }
        : { call, endsAt: now + latencyMs, end: 'answered', isServed: true };
    }

    while (ends.answered < records) {
      for (; underWay.length < limit.allowed; now += 1) underWay.push(send());
      underWay = underWay.toSorted((a, b) => a.endsAt - b.endsAt);
      const over = underWay.shift();
      if (over === undefined) break;
      now = Math.max(now, over.endsAt);
      if (over.end === 'answered') idle += 1;
      else if (over.isServed) open -= 1;
      ends[over.end] += 1;
      over.call.end(signs[over.end], now);
    }
    return { ...ends, tookMs: now };
  }

  test.each([
    [150, 2_000],
    [150, 10_000],
    [1_000, 10_000],
  ])('are few once it is learnt (%i ms an answer, %i ms a time-out)', (latencyMs, timeoutMs) => {
    const limit = new InFlightLimit(16);
    const { unheard, tookMs } = callThrough(limit, 2_000, { serves: 4, latencyMs, timeoutMs });
    // 12 at the first, when nothing is known; one per cent of the calls later.
    expect(unheard).toBeLessThanOrEqual(50);
    expect(limit.learnt).toBe(4);
    // Those that are served are served all the time.
    expect(tookMs).toBeLessThan(1.1 * 500 * latencyMs);
  });

  test('are tried again, where the gateway serves more of them later', () => {
    const limit = new InFlightLimit(16);
    const gateway = { serves: 4, latencyMs: 150, timeoutMs: 2_000 };
    callThrough(limit, 400, gateway);
    callThrough(limit, 8_000, { ...gateway, serves: 16 });
    expect(limit.allowed).toBe(16);
  });

  test('do not count while nobody is answered: the provider is away', () => {
    const limit = new InFlightLimit(16);
    const calls = Array.from({ length: 16 }, (_, at) => limit.begin(at + 1, at));
    for (const call of calls) call.end('unheard', 10_000);
    for (let at = 10_001; at < 10_020; at += 1) note(limit, 'unheard', 1, at, at + 10_000);
    expect([limit.allowed, limit.learnt]).toEqual([16, null]);
  });

  test('do not count where calls are lost here and there', () => {
    const limit = new InFlightLimit(16);
    const { lost, unheard } = callThrough(limit, 30_000, {
      serves: Infinity,
      latencyMs: 100,
      timeoutMs: 10_000,
      loses: 0.03,
    });
    expect(lost).toBeGreaterThan(500);
    expect(unheard).toBeGreaterThan(10);
    expect([limit.allowed, limit.learnt]).toEqual([16, null]);
  });
});

describe('time-outs', () => {
  /** A gateway that lets calls wait in a line, and serves so many at once. Who is given up leaves the line. */
  function callInLine(limit: InFlightLimit, records: number, serves: number) {
    const latencyMs = 1_000;
    const timeoutMs = 3_000;
    const free = Array.from({ length: serves }, () => 0);
    let underWay: { call: CallUnderWay; endsAt: number; isAnswered: boolean }[] = [];
    let done = 0;
    let calls = 0;
    for (let now = 0; done < records;) {
      for (; underWay.length < limit.allowed; now += 1) {
        const call = limit.begin(underWay.length + 1, now);
        call.heard();
        calls += 1;
        const soonest = free.indexOf(Math.min(...free));
        const endsAt = Math.max(now, free[soonest] ?? 0) + latencyMs;
        const isAnswered = endsAt <= now + timeoutMs;
        if (isAnswered) free[soonest] = endsAt;
        underWay.push({ call, endsAt: isAnswered ? endsAt : now + timeoutMs, isAnswered });
      }
      underWay = underWay.toSorted((a, b) => a.endsAt - b.endsAt);
      const over = underWay.shift();
      if (over === undefined) break;
      now = Math.max(now, over.endsAt);
      if (over.isAnswered) done += 1;
      over.call.end(over.isAnswered ? 'sound' : 'timed_out', now);
    }
    return calls - done;
  }

  test('in a line are few once its length is learnt', () => {
    const limit = new InFlightLimit(16);
    // Without a limit a third of a thousand.
    expect(callInLine(limit, 1_000, 4)).toBeLessThanOrEqual(100);
    expect([12, 13]).toContain(limit.learnt);
  });

  test('beside quick answers halve nothing: one machine of several is down', () => {
    const limit = new InFlightLimit(16);
    for (let at = 0; at < 3_000; at += 10) {
      const lost = limit.begin(8, at);
      lost.heard();
      reward(limit, 5, 8, at + 5);
      reward(limit, 5, 8, at + 2_900);
      lost.end('timed_out', at + 3_000);
    }
    expect(limit.allowed).toBe(16);
  });
});

test('no more calls are under way than are borne, however many slots wait for permits', async () => {
  let underWay = 0;
  let refused = 0;
  const world = createDispatchWorld({
    records: claimedRecords(120),
    concurrency: 16,
    adaptive: true,
    attempts: 20,
    rate: { count: 1_000, windowMs: 1_000 },
    answer: async () => {
      if (underWay >= 4) {
        refused += 1;
        return answered(503, null);
      }
      underWay += 1;
      await world.clock.sleep(40);
      underWay -= 1;
      return enrolled;
    },
  });
  expect(await world.runThroughTime()).toBeNull();
  expect(world.recorded.filter(({ outcome }) => outcome === 'enrolled')).toHaveLength(120);
  expect(refused).toBeLessThanOrEqual(30);
  expect(world.progress.some(({ state }) => state.kind === 'slowed' && state.atOnce === 4)).toBe(true);
});

test('a refused connection is a sign of too many, too', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(2),
    concurrency: 2,
    adaptive: true,
    attempts: 5,
    answer: (_, nth) => (nth === 1 ? notSent : enrolled),
  });
  expect(await world.runThroughTime()).toBeNull();
  expect(world.progress.some(({ state }) => state.kind === 'slowed' && state.atOnce === 1)).toBe(true);
});
