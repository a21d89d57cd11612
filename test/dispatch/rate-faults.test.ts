import { expect, test, vi } from 'vitest';
import { countFullestSecond, rates, type Disturbance } from './rate-world.ts';

/** Real seconds, and a busy machine takes a minute for 1,300 calls. */
vi.setConfig({ testTimeout: 1_200_000 });

/** Every pause takes a second. */
const TWO_PAUSES_OF_1300 = 2 / 1_300;
const faulty: Disturbance = {
  faults: {
    serverError: { probability: 0.1, when: 'either' },
    reset: { probability: 0.05, when: 'either' },
    tooMany: { probability: TWO_PAUSES_OF_1300, retryAfterSeconds: 1 },
  },
};

test.each(rates)(
  'at $count/s no second holds more calls than allowed: with faults, retries and pauses',
  async (rate) => {
    expect(await countFullestSecond(rate, faulty)).toBeLessThanOrEqual(rate.count);
  },
);
