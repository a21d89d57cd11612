import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideShare,
  findBindingLimits,
  SHARE_MS,
  withEnd,
  withShare,
  type ShareRequest,
} from '../../src/dispatch/gate/allowance-shares.ts';
import type { JobShares } from '../../src/ledger/runs/allowance-table.ts';
import { fullestWindow } from './windows.ts';

const SECOND = 1_000;

/** A job's gate with one limit by the second, reduced to what counts: when its permits come back. */
class Process {
  readonly left: number[] = [];
  private readonly job: string;
  private readonly count: number;
  allowed = 0;
  until = -Infinity;
  wants = true;
  isPaused = false;
  /** What its own gate uses of the permits it may. */
  fraction = 1;
  private readonly rows: number;

  constructor(job: string, count: number, rows = 1_000_000) {
    this.job = job;
    this.count = count;
    this.rows = rows;
  }

  /** Calls as fast as it may, at most so many. */
  call(now: number, most: number): void {
    if (now >= this.until || this.isPaused) return;
    const slowed = Math.max(1, Math.floor(this.allowed * this.fraction));
    for (let free = Math.min(most, Math.min(this.allowed, slowed) - this.out(now)); free > 0; free -= 1)
      this.left.push(now);
  }

  beat(shares: JobShares, now: number): JobShares {
    const { allowed } = decideShare(shares, this.request(now), now);
    this.allowed = allowed[0] ?? 0;
    this.until = now + SHARE_MS;
    return withShare(shares, this.request(now), allowed, now);
  }

  end(shares: JobShares, now: number): JobShares {
    this.until = -Infinity;
    return withEnd(shares, this.request(now), now);
  }

  out(now: number): number {
    return this.left.filter((at) => at + SECOND > now).length;
  }

  private isRestingAt(now: number): boolean {
    return this.isPaused && this.out(now) === 0;
  }

  private request(now: number): ShareRequest {
    const isResting = this.isRestingAt(now);
    const windows = [{ windowMs: SECOND, count: this.count, out: this.out(now) }];
    return {
      job: this.job,
      rows: this.rows,
      windows,
      wants: this.wants && !isResting,
      isResting,
      fraction: this.fraction,
      dayCount: null,
    };
  }
}

/** Everybody beats every 250 ms and calls as much as it may, for so long. */
function runFor(processes: readonly Process[], ms: number, from: number, shares: JobShares) {
  let now = from;
  let row = shares;
  for (; now < from + ms; now += 50) {
    for (const process of processes) {
      if (now % 250 === 0) row = process.beat(row, now);
      process.call(now, Infinity);
    }
  }
  return { now, row };
}

function callsSince(process: Process, since: number): number {
  return process.left.filter((at) => at >= since).length;
}

describe('shares', () => {
  test('one job alone has all of it', () => {
    const alone = new Process('a', 20);
    runFor([alone], 10 * SECOND, 0, {});
    expect(alone.left).toHaveLength(200);
  });

  test('who comes gets its half within some seconds, and no window is above the limit meanwhile', () => {
    const [first, second] = [new Process('a', 20), new Process('b', 20)];
    const begun = runFor([first], 3 * SECOND, 0, {});
    const { now } = runFor([first, second], 10 * SECOND, begun.now, begun.row);
    expect(fullestWindow([...first.left, ...second.left], SECOND)).toBe(20);
    expect([callsSince(first, now - 5_000), callsSince(second, now - 5_000)]).toEqual([50, 50]);
  });

  test('a single permit goes from one to the other', () => {
    const [first, second] = [new Process('a', 1), new Process('b', 1)];
    runFor([first, second], 40 * SECOND, 0, {});
    expect(fullestWindow([...first.left, ...second.left], SECOND)).toBe(1);
    for (const { left } of [first, second]) expect(left.length).toBeGreaterThan(12);
  });

  test('one that does not wait for permits keeps what it uses, the other has the rest', () => {
    const [idle, busy] = [new Process('a', 20), new Process('b', 20)];
    const begun = runFor([idle], 3 * SECOND, 0, {});
    idle.wants = false;
    let { now, row } = begun;
    for (; now < begun.now + 10 * SECOND; now += 50) {
      if (now % 250 === 0) row = busy.beat(idle.beat(row, now), now);
      idle.call(now, now % 500 === 0 ? 1 : 0);
      busy.call(now, Infinity);
    }
    expect(fullestWindow([...idle.left, ...busy.left], SECOND)).toBeLessThanOrEqual(20);
    expect(callsSince(idle, now - 5_000)).toBe(10);
    expect(callsSince(busy, now - 5_000)).toBeGreaterThanOrEqual(80);
  });

  test('the lower limit holds for both', () => {
    const [first, second] = [new Process('a', 20), new Process('b', 6)];
    const begun = runFor([first], 3 * SECOND, 0, {});
    const { now } = runFor([first, second], 10 * SECOND, begun.now, begun.row);
    const late = [...first.left, ...second.left].filter((at) => at > now - 6_000);
    expect(fullestWindow(late, SECOND)).toBe(6);
  });

  test.each([
    { limit: 20, rows: 800 },
    { limit: 20, rows: 5_000 },
    { limit: 6, rows: 800 },
    { limit: 1, rows: 800 },
  ])(
    'an upload of $rows rows beside four longer runs gets its 30 % of $limit/s, and they the rest alike',
    ({ limit, rows }) => {
      const long = ['a', 'b', 'd', 'e'].map((job) => new Process(job, limit));
      const upload = new Process('c', limit, rows);
      const begun = runFor(long, 12 * SECOND, 0, {});
      const { now } = runFor([...long, upload], 400 * SECOND, begun.now, begun.row);
      const all = [...long, upload];
      expect(
        fullestWindow(
          all.flatMap(({ left }) => left),
          SECOND,
        ),
      ).toBeLessThanOrEqual(limit);
      const since = now - 360 * SECOND;
      const calls = all.map((process) => callsSince(process, since));
      const made = calls.reduce((a, b) => a + b);
      expect((calls[4] ?? 0) / made).toBeGreaterThanOrEqual(0.3);
      expect((calls[4] ?? 0) / made).toBeLessThan(0.45);
      // None of the longer ones goes without.
      for (const count of calls.slice(0, 4)) expect(count / made).toBeGreaterThan(0.1);
    },
  );

  test('where most are short, or all as long, each gets the same', () => {
    const alike = [800, 900, 1_000_000].map((rows, at) => new Process(String(at), 30, rows));
    const first = runFor(alike, 20 * SECOND, 0, {});
    expect(alike.map((process) => callsSince(process, first.now - 5_000))).toEqual([50, 50, 50]);
    const long = ['a', 'b', 'c', 'd'].map((job) => new Process(job, 20));
    const { now } = runFor(long, 20 * SECOND, 0, {});
    expect(long.map((process) => callsSince(process, now - 5_000))).toEqual([25, 25, 25, 25]);
  });

  test('one that has ended leaves all of it once its last permits are back', () => {
    const [first, second] = [new Process('a', 20), new Process('b', 20)];
    const both = runFor([first, second], 5 * SECOND, 0, {});
    const row = first.end(both.row, both.now);
    const { now } = runFor([second], 10 * SECOND, both.now, row);
    expect(callsSince(second, now - 5_000)).toBe(100);
    expect(fullestWindow([...first.left, ...second.left], SECOND)).toBe(20);
  });

  test('a slowed job slows the others as much', () => {
    const request = {
      job: 'a',
      rows: 1,
      wants: true,
      isResting: false,
      fraction: 1,
      dayCount: null,
      windows: [{ windowMs: SECOND, count: 20, out: 0 }],
    };
    const slowed = withShare({}, { ...request, job: 'b', fraction: 0.5 }, [5], 0);
    expect(decideShare(slowed, request, 100).allowed).toEqual([5]);
    // Already slowed by its own gate, it is not slowed twice.
    expect(decideShare(slowed, { ...request, fraction: 0.5 }, 100).allowed).toEqual([10]);
  });

  test('equal parts of the slowed rate, also where only one of them is in trouble', () => {
    const [sound, slowed] = [new Process('a', 20), new Process('b', 20)];
    const begun = runFor([sound, slowed], 5 * SECOND, 0, {});
    slowed.fraction = 0.4;
    const { now } = runFor([sound, slowed], 10 * SECOND, begun.now, begun.row);
    expect([callsSince(sound, now - 5_000), callsSince(slowed, now - 5_000)]).toEqual([20, 20]);
    expect(fullestWindow([...sound.left, ...slowed.left], SECOND)).toBe(20);
    // One that wants no more keeps a single permit's use.
    slowed.wants = false;
    let { row } = begun;
    for (let at = now; at < now + 10 * SECOND; at += 50) {
      if (at % 250 === 0) row = sound.beat(slowed.beat(row, at), at);
      sound.call(at, Infinity);
    }
    expect(callsSince(sound, now + 5_000)).toBe(35);
  });

  test('one that can not call binds nobody by its limit, which holds again when it calls', () => {
    const [paused, free] = [new Process('a', 2), new Process('b', 20)];
    paused.isPaused = true;
    const alone = runFor([paused, free], 5 * SECOND, 0, {});
    expect(free.left).toHaveLength(100);
    paused.isPaused = false;
    const { now } = runFor([paused, free], 10 * SECOND, alone.now, alone.row);
    const both = [...paused.left, ...free.left];
    expect(
      fullestWindow(
        both.filter((at) => at > Math.min(...paused.left) - SECOND),
        SECOND,
      ),
    ).toBe(2);
    expect(callsSince(paused, now - 5_000)).toBeGreaterThan(3);
  });

  test('nobody is refused a call by the day of one that rests, but the calls are counted for it', () => {
    const windows = [{ windowMs: SECOND, count: 20, out: 0 }];
    const asked = { job: 'a', rows: 1, windows, wants: true, isResting: false, fraction: 1, dayCount: null };
    const resting = { ...asked, job: 'b', wants: false, isResting: true, dayCount: 100 };
    const shares = withShare({}, resting, [0], 0);
    expect(decideShare(shares, asked, 100).dayCount).toBe(Infinity);
    expect(decideShare(shares, { ...asked, dayCount: 900 }, 100).dayCount).toBe(900);
    expect(decideShare(shares, { ...resting, isResting: false }, 100).dayCount).toBe(100);
  });

  test('a limit only another job names holds too', () => {
    const minute = { windowMs: 60 * SECOND, count: 600, out: 0 };
    const other = {
      job: 'b',
      rows: 1,
      wants: false,
      isResting: false,
      fraction: 1,
      dayCount: 900,
      windows: [{ ...minute, out: 100 }],
    };
    const shares = withShare({}, other, [100], 0);
    const windows = [{ ...minute, count: Infinity }];
    const asked = { job: 'a', rows: 1, wants: true, isResting: false, fraction: 1, dayCount: null, windows };
    expect(decideShare(shares, asked, 100).allowed).toEqual([500]);
    expect(decideShare({}, asked, 100).allowed).toEqual([Infinity]);
    // The same by the day, until the other one is gone.
    expect(decideShare(shares, asked, 100).dayCount).toBe(900);
    expect(decideShare(shares, { ...asked, dayCount: 800 }, 100).dayCount).toBe(800);
    expect(decideShare(shares, asked, SHARE_MS).dayCount).toBeNull();
  });
});

test('who is the first to limit the minute waits until the others have heard of it', () => {
  const [second, minute] = [
    { windowMs: SECOND, count: 20, out: 20 },
    { windowMs: 60 * SECOND, count: Infinity, out: 40 },
  ];
  const asked = { rows: 1, wants: true, isResting: false, fraction: 1, dayCount: null };
  const begun = { ...asked, job: 'a', windows: [second, minute] };
  const shares = withShare({}, begun, decideShare({}, begun, 0).allowed, 0);
  const windows = [
    { ...second, count: Infinity, out: 0 },
    { ...minute, count: 100, out: 0 },
  ];
  const first = { ...asked, job: 'b', windows };
  const { allowed } = decideShare(shares, first, 500);
  expect(allowed[1]).toBe(0);
  // Now the other one has heard of it, and holds what it may use of the minute.
  const known = withShare(shares, first, allowed, 500);
  const heard = decideShare(known, begun, 750).allowed;
  expect(heard[1]).toBe(50);
  expect(decideShare(withShare(known, begun, heard, 750), first, 1_000).allowed[1]).toBe(50);
});

test('a job hears which limits of others are lower than its own, while they can call', () => {
  const asked = { rows: 1, wants: true, isResting: false, fraction: 1, dayCount: null };
  const windows = [
    { windowMs: SECOND, count: Infinity, out: 0 },
    { windowMs: 60 * SECOND, count: 60, out: 0 },
  ];
  const other = { ...asked, job: 'b', dayCount: 900, windows };
  const shares = withShare({}, other, [0, 0], 0);
  const quick = { job: 'a', dayCount: null, windows: [{ windowMs: SECOND, count: 20, out: 0 }] };
  expect(findBindingLimits(shares, quick, 100)).toEqual([
    { job: 'b', count: 60, windowMs: 60 * SECOND },
    { job: 'b', count: 900, windowMs: null },
  ]);
  const slow = { job: 'a', dayCount: 900, windows: [{ windowMs: SECOND, count: 1, out: 0 }] };
  expect(findBindingLimits(shares, slow, 100)).toEqual([]);
  const resting = withShare({}, { ...other, isResting: true }, [0, 0], 0);
  expect(findBindingLimits(resting, quick, 100)).toEqual([]);
  expect(findBindingLimits(shares, quick, SHARE_MS)).toEqual([]);
});

type Step =
  | { readonly kind: 'call'; readonly who: number; readonly most: number }
  | { readonly kind: 'beat' | 'end' | 'want' | 'slow'; readonly who: number }
  | { readonly kind: 'wait'; readonly ms: number };

const who = fc.integer({ min: 0, max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('call' as const), who, most: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('beat' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('end' as const, 'want' as const, 'slow' as const), who }),
  },
  {
    weight: 5,
    arbitrary: fc
      .oneof(fc.integer({ min: 1, max: 900 }), fc.constantFrom(SHARE_MS, SHARE_MS + 2_500))
      .map((ms): Step => ({ kind: 'wait', ms })),
  },
);

test('whoever calls, stops, ends or is not heard of: no window is above the limit over all of them', () => {
  let fullest = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.array(step, { minLength: 30, maxLength: 120 }),
      (count, steps) => {
        const processes = ['a', 'b', 'c'].map((job, at) => new Process(job, count, at === 1 ? 800 : 1e6));
        let row: JobShares = {};
        let now = 0;
        for (const next of steps) {
          if (next.kind === 'wait') {
            now += next.ms;
            continue;
          }
          const process = processes[next.who];
          if (process === undefined) continue;
          if (next.kind === 'call') process.call(now, next.most);
          if (next.kind === 'beat') row = process.beat(row, now);
          if (next.kind === 'end') row = process.end(row, now);
          if (next.kind === 'want') process.wants = !process.wants;
          if (next.kind === 'slow') process.fraction = process.fraction === 1 ? 0.4 : 1;
        }
        const calls = processes.flatMap(({ left }) => left);
        expect(fullestWindow(calls, SECOND)).toBeLessThanOrEqual(count);
        if (new Set(processes.filter(({ left }) => left.length > 0)).size > 1) {
          fullest = Math.max(fullest, fullestWindow(calls, SECOND) / count);
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(fullest).toBe(1);
});

type PausingStep =
  | { readonly kind: 'call' | 'beat' | 'pause'; readonly who: number }
  | { readonly kind: 'wait'; readonly ms: number };

const pausingStep: fc.Arbitrary<PausingStep> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('call' as const), who }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('beat' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause' as const), who }) },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 900 }).map((ms): PausingStep => ({ kind: 'wait', ms })) },
);

test('whoever pauses and comes back: no window is above the lowest limit of those who called in it', () => {
  let comebacks = 0;
  fc.assert(
    fc.property(fc.array(pausingStep, { minLength: 60, maxLength: 200 }), (steps) => {
      const counts = [9, 4, 2];
      const processes = counts.map((count, at) => new Process(`job ${at}`, count));
      const seen = counts.map(() => -Infinity);
      let row: JobShares = {};
      let now = 0;
      const beat = (at: number): void => {
        row = processes[at]?.beat(row, now) ?? row;
        seen[at] = now;
      };
      for (const next of steps) {
        if (next.kind === 'wait') {
          now += next.ms;
          // Nobody is taken for gone.
          for (const [at, last] of seen.entries()) if (last < now - 3_000) beat(at);
          continue;
        }
        const process = processes[next.who];
        if (process === undefined) continue;
        if (next.kind === 'call') process.call(now, Infinity);
        if (next.kind === 'beat') beat(next.who);
        if (next.kind === 'pause') process.isPaused = !process.isPaused;
      }
      const calls = processes.flatMap(({ left }, at) =>
        left.map((leftAt) => ({ at: leftAt, limit: counts[at] ?? 0 })),
      );
      for (const { at: from } of calls) {
        const window = calls.filter(({ at }) => at >= from && at < from + SECOND);
        const lowest = Math.min(...window.map(({ limit }) => limit));
        expect(window.length).toBeLessThanOrEqual(lowest);
        if (window.length === lowest && lowest === 2) comebacks += 1;
      }
    }),
    { numRuns: 300 },
  );
  expect(comebacks).toBeGreaterThan(0);
});
