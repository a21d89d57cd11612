import { z } from 'zod';
import type { KnownCondition, NewsReason } from './decide-news.ts';
import type { JobCondition } from './job-condition.ts';

/** What happened to a start that has no ended run. */
export const startFates = ['missed', 'skipped', 'broken_off'] as const;
export type StartFate = (typeof startFates)[number];

/** A start of the job's schedule that did not happen as planned. */
export const unmadeStartSchema = z.object({
  fate: z
    .enum(startFates)
    .describe(
      'missed, nobody began it before its window closed; skipped, the job was running; broken_off, its run was begun, and nobody went on with it',
    ),
  dueAt: z.iso.datetime(),
  closedAt: z.iso.datetime().describe('nobody begins it from then on'),
  timeZone: z.string().describe('of the schedule'),
  earlier: z.int().min(0).describe('starts before it that were missed as well'),
  jobFile: z.string().describe('as `serve` was given it'),
  nextAt: z.iso.datetime().describe('when the job starts next by its schedule'),
});

export type UnmadeStart = Readonly<z.infer<typeof unmadeStartSchema>>;

export const reasonOfFate = {
  missed: 'missed_start',
  skipped: 'skipped_start',
  broken_off: 'broken_off_start',
} as const satisfies Readonly<Record<StartFate, NewsReason>>;

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/**
 * Returns whether people know about a skipped start: they were told about one while the same run was in the way, or
 * on the same day. After a week they are told again.
 */
export function isKnownSkip(
  told: { readonly at: Date; readonly wasMadeSince: boolean } | null,
  now: Date,
): boolean {
  if (told === null) return false;
  return now.getTime() - told.at.getTime() < (told.wasMadeSince ? DAY_MS : WEEK_MS);
}

/**
 * Returns what people believe about a job after they were told about a start that did no work; null: what they
 * believed before. So its next good end is reported as well again, and known trouble is no news.
 */
export function conditionAfter(fate: StartFate, known: KnownCondition | null): JobCondition | null {
  if (fate === 'skipped' || known?.told?.condition.isWell === false) return null;
  const nightsUsedUp = known?.seen.nightsUsedUp ?? 0;
  return { isWell: false, exitCode: null, exitCause: null, failures: {}, nightsUsedUp };
}
