import { z } from 'zod';
import type { KnownCondition, NewsReason } from './decide-news.ts';
import type { JobCondition } from './job-condition.ts';

/** What became of a start in the place of a run that ended. */
export const startFates = ['missed', 'skipped', 'broken_off'] as const;
export type StartFate = (typeof startFates)[number];

/** A start of the job's schedule that did not happen as it was to. */
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
 * Whether a skipped start is as people know it: they were told of one, and the same run is in the way still, or it was
 * the same day. After a week they are told again.
 */
export function isKnownSkip(
  told: { readonly at: Date; readonly wasMadeSince: boolean } | null,
  now: Date,
): boolean {
  if (told === null) return false;
  return now.getTime() - told.at.getTime() < (told.wasMadeSince ? DAY_MS : WEEK_MS);
}

/**
 * How people take a job to be once they were told of a start that did no work; null: as they did. So its next end is told
 * to be well again, and what they know to be wrong is no news.
 */
export function conditionAfter(fate: StartFate, known: KnownCondition | null): JobCondition | null {
  if (fate === 'skipped' || known?.told?.condition.isWell === false) return null;
  const nightsUsedUp = known?.seen.nightsUsedUp ?? 0;
  return { isWell: false, exitCode: null, exitCause: null, failures: {}, nightsUsedUp };
}
