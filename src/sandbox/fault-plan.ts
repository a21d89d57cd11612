import { z } from 'zod';
import type { Fault, FaultMoment } from './fault.ts';
import { createRandom } from './random.ts';
import { readYaml } from './yaml-file.ts';

export type FaultWhen = FaultMoment | 'either';

/** Probabilities from 0 to 1, each weighed for every call. The same seed and order of calls give the same faults. */
export interface FaultPlan {
  readonly seed: number;
  /** Comes on top of any other fault. */
  readonly slow?: { readonly probability: number; readonly ms: number } | undefined;
  readonly tooMany?: { readonly probability: number; readonly retryAfterSeconds: number | null } | undefined;
  readonly serverError?: { readonly probability: number; readonly when: FaultWhen } | undefined;
  readonly reset?: { readonly probability: number; readonly when: FaultWhen } | undefined;
  /** Default `after`. */
  readonly truncated?: { readonly probability: number; readonly when?: FaultWhen | undefined } | undefined;
  /** Default `either`. */
  readonly hang?: { readonly probability: number; readonly when?: FaultWhen | undefined } | undefined;
  /** Arrivals allowed in any 1-second window; one too many is answered 429 with Retry-After 1 and counted. */
  readonly rateLimit?: { readonly perSecond: number } | undefined;
  /** Time every answer takes. */
  readonly latencyMs?: number | undefined;
}

const probability = z.number().min(0).max(1);
const whenSchema = z.enum(['before', 'after', 'either']);
const milliseconds = z.int().min(0).max(600_000);

const faultPlan = z.strictObject({
  seed: z.int(),
  slow: z.strictObject({ probability, ms: milliseconds }).optional(),
  tooMany: z.strictObject({ probability, retryAfterSeconds: z.int().min(0).nullable() }).optional(),
  serverError: z.strictObject({ probability, when: whenSchema }).optional(),
  reset: z.strictObject({ probability, when: whenSchema }).optional(),
  truncated: z.strictObject({ probability, when: whenSchema.optional() }).optional(),
  hang: z.strictObject({ probability, when: whenSchema.optional() }).optional(),
  rateLimit: z.strictObject({ perSecond: z.int().min(1) }).optional(),
  latencyMs: milliseconds.optional(),
});

/** Reads the text of a fault plan in YAML, with the keys of FaultPlan. Throws SANDBOX_FAULTS_INVALID. */
export function parseFaultPlan(yamlText: string): FaultPlan {
  return readYaml(yamlText, faultPlan, 'sandbox faults', 'SANDBOX_FAULTS_INVALID');
}

export interface PlannedCall {
  readonly fault: Fault | null;
  readonly delayMs: number;
}

/**
 * Decides call by call. Every call draws the same number of times, so changing one probability does not
 * shift when the other faults come.
 */
export function createFaultDice(plan: FaultPlan | undefined): () => PlannedCall {
  if (plan === undefined) return () => ({ fault: null, delayMs: 0 });
  const random = createRandom(plan.seed);
  const hits = (odds: { readonly probability: number } | undefined): boolean =>
    random() < (odds?.probability ?? 0);
  return () => {
    const isSlow = hits(plan.slow);
    const isTooMany = hits(plan.tooMany);
    const isServerError = hits(plan.serverError);
    const isReset = hits(plan.reset);
    const isTruncated = hits(plan.truncated);
    const isHang = hits(plan.hang);
    const drawn: FaultMoment = random() < 0.5 ? 'before' : 'after';
    const moment = (when: FaultWhen): FaultMoment => (when === 'either' ? drawn : when);
    const delayMs = (plan.latencyMs ?? 0) + (isSlow ? (plan.slow?.ms ?? 0) : 0);
    const choose = (): Fault | null => {
      if (isTooMany) return { kind: 'too_many', retryAfterSeconds: plan.tooMany?.retryAfterSeconds ?? null };
      if (isServerError) {
        return { kind: 'server_error', status: 500, when: moment(plan.serverError?.when ?? 'either') };
      }
      if (isReset) return { kind: 'reset', when: moment(plan.reset?.when ?? 'either') };
      if (isTruncated) return { kind: 'truncated', when: moment(plan.truncated?.when ?? 'after') };
      if (isHang) return { kind: 'hang', when: moment(plan.hang?.when ?? 'either') };
      return null;
    };
    return { fault: choose(), delayMs };
  };
}
