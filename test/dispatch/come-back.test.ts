import { describe, expect, test } from 'vitest';
import { createAvailabilityWatch } from '../../src/dispatch/guards/availability.ts';
import { readComeBack } from '../../src/dispatch/guards/come-back.ts';
import { answered, claimedRecords, createDispatchWorld, enrolled, noAnswer } from './dispatch-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const now = new Date('2026-11-23T00:00:00Z');

function stopAfter(milliseconds: number) {
  return { at: new Date(now.getTime() + milliseconds), sentence: 'stopped by windows.stopAt' };
}

describe('what Retry-After asks of everybody', () => {
  test.each([
    [429, 2_000, null, { kind: 'pause', pauseMs: 2_000 }],
    [503, 2_000, null, { kind: 'pause', pauseMs: 2_000 }],
    [503, 10 * MINUTE, null, { kind: 'pause', pauseMs: 10 * MINUTE }],
    // Ten minutes are waited also where stopAt comes first: it then ends the run itself.
    [503, 10 * MINUTE, stopAfter(5 * MINUTE), { kind: 'pause', pauseMs: 10 * MINUTE }],
    [503, 3 * HOUR, stopAfter(4 * HOUR), { kind: 'pause', pauseMs: 3 * HOUR }],
    [429, 3 * HOUR, stopAfter(4 * HOUR), { kind: 'pause', pauseMs: 3 * HOUR }],
    [503, 0, null, { kind: 'now' }],
    [503, null, null, { kind: 'now' }],
    [500, 3 * HOUR, null, { kind: 'now' }],
    [400, 3 * HOUR, null, { kind: 'now' }],
  ] as const)('HTTP %i, %s ms', (status, retryAfterMs, stopAt, expected) => {
    expect(readComeBack(answered(status, null, retryAfterMs), now, stopAt)).toEqual(expected);
  });

  test.each([
    [429, null, 'throttled', /HTTP 429 .*come back at 2026-11-23T03:00Z .*without windows\.stopAt/],
    [503, stopAfter(3 * HOUR), 'provider_silent', /HTTP 503 .*windows\.stopAt comes before that/],
  ] as const)('HTTP %i without room for three hours ends the run', (status, stopAt, cause, sentence) => {
    expect(readComeBack(answered(status, null, 3 * HOUR), now, stopAt)).toEqual({
      kind: 'stop',
      reason: { kind: 'provider', cause, sentence: expect.stringMatching(sentence) as string },
    });
  });

  test('no answer asks for nothing', () => {
    expect(readComeBack(noAnswer, now, null)).toEqual({ kind: 'now' });
  });
});

describe('a run', () => {
  test('503 with Retry-After: nobody calls before its end, and the outcome stays what the status says', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: (recordNo, nth) => (recordNo === '1' && nth === 1 ? answered(503, null, 5 * MINUTE) : enrolled),
      concurrency: 1,
    });
    const began = world.clock.monotonic();
    expect(await world.runThroughTime()).toBeNull();
    expect(world.clock.monotonic() - began).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(world.recorded.map(({ outcome }) => outcome)).toEqual([
      'ambiguous',
      'enrolled',
      'enrolled',
      'enrolled',
    ]);
    expect(world.progress.some(({ state }) => state.kind === 'paused' && state.why === 'throttled')).toBe(
      true,
    );
  });

  test('a record that is through by its last attempt makes the others wait all the same', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(2),
      answer: (recordNo) => (recordNo === '1' ? answered(503, null, 5 * MINUTE) : enrolled),
      concurrency: 1,
      attempts: 1,
    });
    const began = world.clock.monotonic();
    expect(await world.runThroughTime()).toBeNull();
    expect(world.clock.monotonic() - began).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(world.progress.at(-1)?.final).toEqual({ ambiguous: 1, enrolled: 1 });
  });

  test.each([429, 503])('HTTP %i that names a time before stopAt: the run goes on then', async (status) => {
    const clockNow = createDispatchWorld({ records: [], answer: () => enrolled }).clock.now();
    const world = createDispatchWorld({
      records: claimedRecords(2),
      answer: (recordNo, nth) =>
        recordNo === '1' && nth === 1 ? answered(status, null, 20 * MINUTE) : enrolled,
      concurrency: 1,
      stopAt: { at: new Date(clockNow.getTime() + 30 * MINUTE), sentence: 'stopAt' },
    });
    expect(await world.runThroughTime()).toBeNull();
    expect(world.progress.at(-1)?.final).toEqual({ enrolled: 2 });
    expect(world.count('send')).toBe(3);
  });

  test.each([
    [429, 'throttled'],
    [503, 'provider_silent'],
  ])(
    'HTTP %i that names a later time: the run ends at the first, nobody is called in vain',
    async (status, cause) => {
      const world = createDispatchWorld({
        records: claimedRecords(5),
        answer: () => answered(status, null, 20 * MINUTE),
        concurrency: 1,
      });
      expect(await world.runThroughTime()).toMatchObject({ kind: 'provider', cause });
      expect(world.count('send')).toBe(1);
    },
  );
});

test('a named time of more than ten minutes is no time of nothing but 429', () => {
  const watch = createAvailabilityWatch({ backoffMinMs: 1_000, backoffMaxMs: MINUTE });
  const note = (retryAfterMs: number, at: number): string =>
    watch.observe({
      reply: answered(429, null, retryAfterMs),
      judged: { kind: 'throttled', class: 'transient', retryAfterMs },
      at,
      isProbe: false,
    }).kind;
  expect([note(HOUR, 0), note(HOUR, HOUR), note(MINUTE, 2 * HOUR)]).toEqual(['there', 'there', 'there']);
  // The counter-test: the same time in minutes.
  const minutes = Array.from({ length: 11 }, (_, index) => note(MINUTE, 2 * HOUR + (index + 1) * MINUTE));
  expect(minutes.at(-1)).toBe('unavailable');
});
