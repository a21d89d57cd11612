import { z } from 'zod';
import { parseListRead } from '../list-facts.ts';
import type { ListPlan } from '../plan-list.ts';
import type { PlanWords } from './plan-words.ts';

/** A plan as it is stored for people who look at it later. It contains no whole id. */
export interface KeptPlan {
  /** The job of the run. A failed list of ours runs as another job than the one it was handed in for. */
  readonly job: string;
  readonly plan: ListPlan;
  readonly words: PlanWords;
}

const instant = z.coerce.date();
const count = z.number();

const planSchema = z.object({
  list: z.unknown().transform((list, context) => parseListRead(list) ?? refuse(context)),
  sha256: z.string(),
  classes: z.custom<ListPlan['classes']>((classes) => typeof classes === 'object' && classes !== null),
  rejections: z.array(
    z.object({
      reason: z.custom<ListPlan['rejections'][number]['reason']>((reason) => typeof reason === 'string'),
      rows: count,
      firstLine: count,
    }),
  ),
  firstRejected: z.array(
    z.custom<ListPlan['firstRejected'][number]>((row) => typeof row === 'object' && row !== null),
  ),
  due: count,
  dueHistory: z.object({ neverCalled: count, calledBefore: count }),
  difference: z.custom<ListPlan['difference']>((difference) => typeof difference === 'object'),
  size: z.custom<ListPlan['size']>((size) => typeof size === 'object' && size !== null),
  guards: z.custom<ListPlan['guards']>((guards) => typeof guards === 'object' && guards !== null),
  finishedBefore: z.object({ id: z.string(), finishedAt: instant }).nullable(),
  continues: z.string().nullable(),
  secondsAtLeast: count,
  endsAt: instant,
  beforeStop: z.object({ stopAt: instant, fits: z.boolean(), calls: count }).nullable(),
});

const keptSchema = z.object({
  job: z.string(),
  plan: planSchema,
  words: z.object({
    provider: z.string(),
    rate: z.string(),
    saidYes: z.boolean(),
    again: z.boolean(),
    maxCalls: count.nullable(),
    timeZone: z.string(),
  }),
});

function refuse(context: z.core.$RefinementCtx): never {
  context.addIssue('no list');
  return z.NEVER;
}

/** Parses a plan from the ledger. Returns null where another version of the program stored it. */
export function parseKeptPlan(kept: unknown): KeptPlan | null {
  return keptSchema.safeParse(kept).data ?? null;
}
