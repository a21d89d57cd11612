import { expect, test, vi } from 'vitest';
import { countFullestSecond, rates } from './rate-world.ts';

/** Real seconds, and a busy machine takes a minute for 1,300 calls. */
vi.setConfig({ testTimeout: 1_200_000 });

test.each(rates)('at $count/s no second holds more calls than allowed: undisturbed', async (rate) => {
  expect(await countFullestSecond(rate, {})).toBeLessThanOrEqual(rate.count);
});
