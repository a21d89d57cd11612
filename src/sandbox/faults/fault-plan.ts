import { z } from 'zod';
import { faultGrammar, parseChanceFault, unscriptableFaults, type FaultMoment } from './fault.ts';
import { correlationIdHabits, type CorrelationIdHabit } from '../provider/answer-ids.ts';
import { readYaml } from '../yaml-file.ts';

export type FaultWhen = FaultMoment | 'either';

/** Probabilities from 0 to 1, each drawn for every call. The same seed and order of calls give the same faults. */
export interface FaultPlan {
  readonly seed: number;
  /** Added to any other fault. */
  readonly slow?: { readonly probability: number; readonly ms: number } | undefined;
  readonly tooMany?: { readonly probability: number; readonly retryAfterSeconds: number | null } | undefined;
  readonly serverError?: { readonly probability: number; readonly when: FaultWhen } | undefined;
  readonly reset?: { readonly probability: number; readonly when: FaultWhen } | undefined;
  /** Default `after`. */
  readonly truncated?: { readonly probability: number; readonly when?: FaultWhen | undefined } | undefined;
  /** Default `either`. */
  readonly hang?: { readonly probability: number; readonly when?: FaultWhen | undefined } | undefined;
  /** Probabilities by the spelling of a fault: a scripted one, "reset unread" or "close unread". */
  readonly odds?: Readonly<Record<string, number>> | undefined;
  /** Arrivals allowed in any 1-second window. Any further one is answered 429 with Retry-After 1 and counted. */
  readonly rateLimit?: { readonly perSecond: number } | undefined;
  /** Time that every answer takes. */
  readonly latencyMs?: number | undefined;
  /** Additional time with a lognormal distribution: half of the answers within p50Ms, all but 1 % within p99Ms. */
  readonly latency?: { readonly p50Ms: number; readonly p99Ms: number } | undefined;
  /** While one of these is in effect, every call is answered 503 with a page. */
  readonly maintenance?: readonly Maintenance[] | undefined;
  /** Number of calls that are judged normally; all later ones are answered 401. */
  readonly revokedAfterCalls?: number | undefined;
  /** Whose correlation ids answers carry; by default those of their calls. */
  readonly correlationIds?: CorrelationIdHabit | undefined;
}

export type Maintenance =
  /** `HH:mm` in KST, without `to` itself; across midnight where `to` is earlier. */
  | { readonly from: string; readonly to: string }
  /** Numbers counted from 1 over all calls, both included. */
  | { readonly fromCall: number; readonly toCall: number };

const probability = z.number().min(0).max(1);
const whenSchema = z.enum(['before', 'after', 'either']);
const milliseconds = z.int().min(0).max(600_000);
const timeOfDay = z.string({ error: 'expected a time of day in quotes' }).regex(/^([01]\d|2[0-3]):[0-5]\d$/, {
  error: 'expected a time of day such as "23:30"',
});
const call = z.int().min(1);

const maintenance = z.union(
  [
    z.strictObject({ from: timeOfDay, to: timeOfDay }),
    z
      .strictObject({ fromCall: call, toCall: call })
      .refine((given) => given.fromCall <= given.toCall, { error: 'fromCall is later than toCall' }),
  ],
  { error: 'expected from and to, as "23:30", or fromCall and toCall in this order' },
);

const latency = z
  .strictObject({ p50Ms: milliseconds.min(1), p99Ms: milliseconds })
  .refine((given) => given.p50Ms <= given.p99Ms, { error: 'p50Ms is above p99Ms' });

const odds = z.record(z.string(), probability).superRefine((given, context) => {
  for (const spelling of Object.keys(given)) {
    if (parseChanceFault(spelling) !== null) continue;
    const message = `expected one of ${faultGrammar}, "${unscriptableFaults.join('", "')}"`;
    context.addIssue({ code: 'custom', path: [spelling], message });
  }
});

export const faultPlan = z.strictObject({
  seed: z.int(),
  slow: z.strictObject({ probability, ms: milliseconds }).optional(),
  tooMany: z.strictObject({ probability, retryAfterSeconds: z.int().min(0).nullable() }).optional(),
  serverError: z.strictObject({ probability, when: whenSchema }).optional(),
  reset: z.strictObject({ probability, when: whenSchema }).optional(),
  truncated: z.strictObject({ probability, when: whenSchema.optional() }).optional(),
  hang: z.strictObject({ probability, when: whenSchema.optional() }).optional(),
  odds: odds.optional(),
  rateLimit: z.strictObject({ perSecond: z.int().min(1) }).optional(),
  latencyMs: milliseconds.optional(),
  latency: latency.optional(),
  maintenance: z.array(maintenance).optional(),
  revokedAfterCalls: z.int().min(0).optional(),
  correlationIds: z
    .enum(correlationIdHabits, { error: `expected ${correlationIdHabits.join(' or ')}` })
    .optional(),
});

/** Reads the text of a fault plan in YAML, with the keys of FaultPlan. Throws SANDBOX_FAULTS_INVALID. */
export function parseFaultPlan(yamlText: string): FaultPlan {
  return readYaml(yamlText, faultPlan, 'sandbox faults', 'SANDBOX_FAULTS_INVALID');
}
