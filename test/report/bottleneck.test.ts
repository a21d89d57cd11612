import { expect, test } from 'vitest';
import { findBottleneck, type SpeedFigures } from '../../src/report/bottleneck.ts';

const figures: SpeedFigures = {
  calls: 1_000,
  troubled: 0,
  perSecond: 10,
  inFlight: 1,
  allowedPerSecond: 20,
  allowedAtOnce: 20,
  concurrency: 16,
};

test.each([
  ['rate', { perSecond: 19 }],
  ['rate', { perSecond: 19, troubled: 900, inFlight: 16 }],
  ['provider', { troubled: 51 }],
  ['provider', { troubled: 51, inFlight: 16 }],
  ['concurrency', { inFlight: 13 }],
  ['concurrency', { inFlight: 13, troubled: 50 }],
  ['us', {}],
  [null, { calls: 20 }],
  [null, { calls: 0, perSecond: 0, inFlight: 0 }],
])('%s: %o', (found, different) => {
  expect(findBottleneck({ ...figures, ...different })).toBe(found);
});
