import { test, vi } from 'vitest';
import { expectRateKept, rates } from './rate-world.ts';

vi.setConfig({ testTimeout: 120_000 });

test.each(rates)('at $count/s no second holds more calls than allowed: undisturbed', async (rate) => {
  await expectRateKept(rate, {});
});
