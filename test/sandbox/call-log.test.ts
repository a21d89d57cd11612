import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallLog, findFullestWindow } from '../../src/sandbox/wire/call-log.ts';

test.each([
  ['nothing', [], 0],
  ['one', [5], 1],
  ['a second apart', [0, 1000, 2000], 1],
  ['a hair less', [0, 999.999, 1999.9], 2],
  ['across a full second', [900, 950, 990, 1000, 1100, 1899, 1900], 6],
  ['all at once', [7, 7, 7], 3],
  ['the fullest in the middle', [0, 3000, 3100, 3200, 9000, 9100], 3],
])('the fullest window of %s', (_what, arrivals, fullest) => {
  expect(findFullestWindow(arrivals)).toBe(fullest);
});

test('is that of counting every window', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 }), (times) => {
      const arrivals = times.toSorted((a, b) => a - b);
      const counted = arrivals.map((start) => arrivals.filter((t) => t >= start && t < start + 1000).length);
      expect(findFullestWindow(arrivals)).toBe(Math.max(0, ...counted));
    }),
  );
});

test('an arrival is one too many by the window that ends with it', () => {
  const log = new CallLog(2);
  const judged = [0, 100, 200, 999, 1000, 1100, 1250].map((at) => log.arrive(at).isTooMany);
  // 200 and 999 count although they were refused: the limit is on what arrives.
  expect(judged).toEqual([false, false, true, true, true, true, true]);
  expect(log.arrive(2300).isTooMany).toBe(false);
  expect(log.violations).toBe(5);
  expect(log.summarize().fullestWindow).toBe(4);
});

test('without a limit nothing is too many, and 10^5 calls take no time to speak of', () => {
  const log = new CallLog(null);
  const startedAt = performance.now();
  for (let index = 0; index < 100_000; index += 1) {
    const { index: call } = log.arrive(index / 8);
    log.observe(call, { answer: index % 2 === 0 ? '000_000' : '429' });
  }
  expect(log.summarize()).toEqual({
    calls: 100_000,
    fullestWindow: 8_000,
    byAnswer: { '000_000': 50_000, '429': 50_000 },
    inquiries: 0,
    inquiriesByAnswer: {},
  });
  expect(log.violations).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('what is handed out is a copy', () => {
  const log = new CallLog(null);
  const { index: call } = log.arrive(1);
  const [before] = log.entries();
  log.observe(call, { answer: '000_000' });
  expect(before?.answer).toBe(null);
  expect(log.entries()[0]?.answer).toBe('000_000');
});

test('both kinds of calls are in one window, and counted apart', () => {
  const log = new CallLog(2);
  const kinds = ['register', 'plans', 'plans', 'register'] as const;
  expect(kinds.map((kind, index) => log.arrive(index, kind).isTooMany)).toEqual([false, false, true, true]);
  expect(log.summarize()).toMatchObject({ calls: 2, inquiries: 2, fullestWindow: 4 });
  expect(log.entries().map(({ call }) => call)).toEqual(kinds);
});
