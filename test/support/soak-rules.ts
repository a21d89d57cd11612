import type { FaultPlan } from '../../src/sandbox/faults/fault-plan.ts';

export const SOAK_CONCURRENCY = 16;
/** As many as may be under way, and as many answered ones that are not durable. */
export const MOST_SENDING = 2 * SOAK_CONCURRENCY;

/**
 * Lines of the job file. Adaptive it would crawl at a tenth of the rate, with a fault in every fifth call. An unlisted
 * code with a fault of its own is one more answer that says nothing.
 */
export const soakJob = [
  `limits: { rate: 1000/s, concurrency: ${SOAK_CONCURRENCY}, timeout: 1s, adaptive: false }`,
  'retry: { attempts: 30, backoff: 10ms..200ms }',
  'outcomes: { "009_999": ambiguous }',
].join('\n');

/** Their odds, added up: as each is drawn for itself and two may come together, one call in five meets any. */
const FAULTS = -Math.log(1 - 0.2);
/** Each holds a slot for a whole second, or everybody for one. */
const rare: Readonly<Record<string, number>> = {
  'hang before': 0.004,
  'hang after': 0.004,
  '429 1s': 0.001,
  '429 date 1s': 0.0005,
};
const momentary = [
  '500',
  '502',
  '503',
  '504',
  '009_999',
  'reset',
  'close',
  'torn',
  'truncated',
  'half',
  'garbage',
  'empty',
  'html',
  'foreign-key',
  'bad-jwe',
];
const common = [
  ...momentary.flatMap((fault) => [`${fault} before`, `${fault} after`]),
  '429',
  'gzip',
  'wrong-type',
  'slow 300ms',
  'reset unread',
  'close unread',
];

/**
 * Every kind of fault but a redirect, which ends a run by design; one call in five. The same seed and order of calls
 * give the same faults.
 */
export function soakFaults(seed: number): FaultPlan {
  const left = FAULTS - Object.values(rare).reduce((sum, probability) => sum + probability, 0);
  const each = Object.fromEntries(common.map((fault) => [fault, left / common.length]));
  return { seed, latencyMs: 5, odds: { ...rare, ...each } };
}
