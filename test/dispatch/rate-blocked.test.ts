import { expect, test, vi } from 'vitest';
import { countFullestSecond, rates, type Disturbance } from './rate-world.ts';

/** Real seconds, and a busy machine takes a minute for 1,300 calls. */
vi.setConfig({ testTimeout: 1_200_000 });

/** This thread stands still: no timer fires and no socket is read. */
function blockThread(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const blocked: Disturbance = {
  interfere: (sets) => {
    if (sets === 3) blockThread(2_000);
  },
};

test.each(rates)(
  'at $count/s no second holds more calls than allowed: when our own thread stands still for 2 s',
  async (rate) => {
    expect(await countFullestSecond(rate, blocked)).toBeLessThanOrEqual(rate.count);
  },
);
