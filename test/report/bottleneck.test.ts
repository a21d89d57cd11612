import { expect, test } from 'vitest';
import { findBottleneck, type SpeedFigures } from '../../src/report/bottleneck.ts';

const none = { seconds: 100, refusals: 0, silence: 0, outage: 0, paused: 0 };

/** At 20 a second these calls need 50 of the 100 seconds. */
const figures: SpeedFigures = {
  calls: 1_000,
  lost: none,
  inFlight: 1,
  allowedPerSecond: 20,
  allowedAtOnce: 20,
  concurrency: 16,
};

test.each([
  ['rate', { lost: { ...none, seconds: 52 } }],
  ['rate', { lost: { ...none, seconds: 52, refusals: 1 }, inFlight: 16 }],
  ['refusals', { lost: { ...none, refusals: 30 } }],
  ['silence', { lost: { ...none, silence: 26, outage: 20 } }],
  ['outage', { lost: { ...none, outage: 45 }, inFlight: 16 }],
  ['concurrency', { inFlight: 13 }],
  ['concurrency', { inFlight: 13, lost: { ...none, refusals: 10 } }],
  ['us', {}],
  ['us', { lost: { ...none, silence: 20 } }],
  // An outage of 75 s in 85 is told although few calls were made.
  ['outage', { calls: 10, lost: { ...none, seconds: 85, outage: 75 } }],
  // A person's pause of 1,000 s before calls at the rate.
  ['pause', { lost: { ...none, seconds: 1_055, paused: 1_000 } }],
  ['rate', { lost: { ...none, seconds: 52, paused: 2 } }],
  [null, { calls: 20 }],
  [null, { calls: 0, lost: { ...none, seconds: 0 } }],
])('%s: %o', (found, different) => {
  expect(findBottleneck({ ...figures, ...different })).toBe(found);
});
