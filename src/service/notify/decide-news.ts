import type { NoticeTime } from '../../config/settings/notify-setting-table.ts';
import type { RowClass } from '../../domain/class.ts';
import type { JobCondition } from './job-condition.ts';

/** Why somebody is told about a start. */
export const newsReasons = [
  'trouble',
  'other_cause',
  'more_failures',
  'still_not_well',
  'well_again',
  'new_code',
  'nights_used_up',
  'paused',
  'resumed',
  'missed_start',
  'skipped_start',
  'broken_off_start',
  'every_start',
] as const;
export type NewsReason = (typeof newsReasons)[number];

/** What people know about a job. */
export interface KnownCondition {
  readonly seen: JobCondition;
  /** The state at the last message; null: there was none. */
  readonly told: { readonly condition: JobCondition; readonly at: Date } | null;
  readonly toldCodes: readonly string[];
}

export interface News {
  readonly reasons: readonly NewsReason[];
  /** Unknown codes that nobody has been told about. */
  readonly newCodes: readonly string[];
}

const WEEK_MS = 7 * 86_400_000;
/** Nights begin at one time of day and end at different ones, so the seventh night counts as a week. */
const NIGHT_MS = 12 * 3_600_000;

/** A class of failures that grew by a tenth and by this many rows is news. */
const GROWN_BY_ROWS = 10;

/**
 * Decides what about a start is new to people. `known` is null where nothing is known about the job, or the ledger
 * can't be asked: then everything that is not well is news.
 */
export function decideNews(
  known: KnownCondition | null,
  now: {
    readonly condition: JobCondition;
    readonly codes: readonly string[];
    readonly at: Date;
    /** A person had its calls wait, and nobody was told when that began. */
    readonly wasPaused: boolean;
  },
  when: NoticeTime,
): News {
  const newCodes = now.codes.filter((code) => known?.toldCodes.includes(code) !== true);
  const reasons = [
    ...changes(known?.told ?? null, now),
    ...(newCodes.length > 0 ? (['new_code'] as const) : []),
    ...(now.condition.nightsUsedUp > (known?.seen.nightsUsedUp ?? 0) ? (['nights_used_up'] as const) : []),
    ...(now.wasPaused ? (['paused'] as const) : []),
  ];
  const isAsked = when === 'always' || (when === 'trouble' && !now.condition.isWell);
  return { reasons: reasons.length === 0 && isAsked ? ['every_start'] : reasons, newCodes };
}

function changes(
  told: KnownCondition['told'],
  { condition, at }: { readonly condition: JobCondition; readonly at: Date },
): NewsReason[] {
  if (condition.isWell) return told === null || told.condition.isWell ? [] : ['well_again'];
  if (told === null || told.condition.isWell) return ['trouble'];
  const reasons: NewsReason[] = [];
  if (told.condition.exitCause !== condition.exitCause) reasons.push('other_cause');
  if (hasGrown(told.condition, condition)) reasons.push('more_failures');
  if (at.getTime() - told.at.getTime() >= WEEK_MS - NIGHT_MS) reasons.push('still_not_well');
  return reasons;
}

function hasGrown(before: JobCondition, now: JobCondition): boolean {
  return (Object.entries(now.failures) as [RowClass, number][]).some(([name, rows]) => {
    const former = before.failures[name] ?? 0;
    return rows >= former + GROWN_BY_ROWS && 10 * rows >= 11 * former;
  });
}
