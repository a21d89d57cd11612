import { describe, expect, test } from 'vitest';
import {
  createClockWatch,
  describeClocks,
  inspectClock,
  type ClockFinding,
} from '../../src/dispatch/guards/clock-watch.ts';
import { answered, claimedRecords, createDispatchWorld, enrolled } from './dispatch-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const sentAt = new Date('2026-11-23T16:00:00.400Z');

/** The call took `tookMs`; the provider read its clock at its end, `aheadMs` ahead of ours, in whole seconds. */
function dated(aheadMs: number, tookMs = 100) {
  const now = new Date(sentAt.getTime() + tookMs);
  const theirs = now.getTime() + aheadMs;
  return { call: { sentAt, serverDate: new Date(theirs - (((theirs % SECOND) + SECOND) % SECOND)) }, now };
}

function findings(offsets: readonly (number | null)[]): (ClockFinding['kind'] | null)[] {
  const watch = createClockWatch();
  return offsets.map((offset) => {
    const { call, now } = dated(offset ?? 0);
    return watch.observe(offset === null ? { ...call, serverDate: null } : call, now)?.kind ?? null;
  });
}

function repeated<Value>(value: Value, times: number): Value[] {
  return Array.from({ length: times }, () => value);
}

describe.each([
  ['ahead', 1],
  ['behind', -1],
])('a provider that is %s', (_, sign) => {
  test('by less than half a minute is fine', () => {
    expect(findings(repeated(sign * 29 * SECOND, 10))).toEqual(repeated(null, 10));
  });

  test('by more: one warning, at the third answer in a row', () => {
    expect(findings(repeated(sign * 40 * SECOND, 6))).toEqual([null, null, 'warn', null, null, null]);
    expect(findings(repeated(sign * 4.9 * MINUTE, 4))).toEqual([null, null, 'warn', null]);
  });

  test('by more than five minutes: the end, at the third answer in a row', () => {
    expect(findings(repeated(sign * 6 * MINUTE, 3))).toEqual([null, null, 'stop']);
    expect(findings(repeated(sign * 400 * 24 * 60 * MINUTE, 3))).toEqual([null, null, 'stop']);
  });

  test('once or twice is one wrong answer', () => {
    const hour = sign * 60 * MINUTE;
    expect(findings([hour, hour, 0, hour, hour, 0])).toEqual(repeated(null, 6));
    expect(findings([hour, hour, -hour, hour, hour])).toEqual(repeated(null, 5));
    expect(findings([hour, null, hour, null, hour])).toEqual([null, null, null, null, 'stop']);
  });
});

test('an answer that took long may have read its clock at any moment of it', () => {
  const { call, now } = dated(0, 10 * MINUTE);
  const first = { ...call, serverDate: new Date('2026-11-23T16:00:00Z') };
  expect(describeClocks(first, now)).toBeNull();
  expect(describeClocks(call, now)).toBeNull();
  expect(describeClocks({ ...call, serverDate: new Date('2026-11-23T15:59:00Z') }, now)).not.toBeNull();
});

test('says which clock says what, and what to do', () => {
  const watch = createClockWatch();
  const { call, now } = dated(-6 * MINUTE);
  watch.observe(call, now);
  watch.observe(call, now);
  expect(watch.observe(call, now)?.sentence).toBe(
    "stopped because the provider's clock and this machine's are 6 min apart: it says 2026-11-23 15:54:01, " +
      "we say 2026-11-23 16:00:00 (UTC); put this machine's clock right (NTP), or ask the provider about its own",
  );
});

describe('a dispatch', () => {
  test('ends when the clocks are far apart; what was called is recorded', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(40),
      answer: () => enrolled,
      serverDate: (now) => new Date(now.getTime() + 6 * MINUTE),
      concurrency: 1,
    });
    const reason = await world.run();
    expect(reason?.kind === 'limit' && reason.sentence).toMatch(/^stopped because the provider's clock/);
    expect([world.count('send'), world.count('record')]).toEqual([3, 3]);
    expect(world.progress.at(-1)?.final).toEqual({ enrolled: 3 });
  });

  test('warns once and goes on when they are not quite right', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(40),
      answer: () => enrolled,
      serverDate: (now) => new Date(now.getTime() - MINUTE),
    });
    expect(await world.run()).toBeNull();
    expect(world.warnings).toHaveLength(1);
  });

  test('names the clocks where the provider refuses our signature', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(4),
      answer: () => answered(401, null),
      serverDate: (now) => new Date(now.getTime() - 10 * MINUTE),
      concurrency: 1,
    });
    const reason = await world.run();
    expect(reason?.kind === 'provider' && reason.sentence).toMatch(
      /HTTP 401: .* Mind that the provider's clock and this machine's are 10 min apart/,
    );
    expect(world.count('send')).toBe(1);
  });
});

test.each([
  [0, 'ok'],
  [29 * SECOND, 'ok'],
  [-29 * SECOND, 'ok'],
  [2 * MINUTE, 'warn'],
  [-2 * MINUTE, 'warn'],
  [6 * MINUTE, 'fail'],
  [-6 * MINUTE, 'fail'],
])('one answer %d ms ahead is %s for a person who asks', (ahead, level) => {
  const { call, now } = dated(ahead);
  expect(inspectClock('provider', call, now)).toMatchObject({ level, about: 'clock' });
  expect(inspectClock('provider', { ...call, serverDate: null }, now)).toBeNull();
});
