import { z } from 'zod';
import { isSuccess, rowClasses } from '../../domain/class.ts';
import { exitCauses, meaningOf, worstEnd, type ExitDecision } from '../../domain/exit-cause.ts';
import { exitCodes } from '../../domain/exit-code.ts';
import { isDocumentedCode } from '../../domain/provider-code.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { Summary } from '../../report/summary.ts';
import type { RefusedList, RunResult } from '../../run/run-environment.ts';

/** The state of a job after a start, as far as it decides whether somebody is told. Kept in the ledger. */
export const jobConditionSchema = z.object({
  isWell: z.boolean(),
  /** Null, like the cause: the start should have been made, but never ended. */
  exitCode: z.int().nullable(),
  exitCause: z.enum(exitCauses).nullable(),
  /** Rows by class that are not enrolled; rows that a person has settled do not count. */
  failures: z.partialRecord(z.enum(rowClasses), z.int().min(1)),
  /** Rows that are not called automatically any more. */
  nightsUsedUp: z.int().min(0),
});

export type JobCondition = Readonly<z.infer<typeof jobConditionSchema>>;

/** How a start ended, and the runs it made. */
export interface StartEnd extends ExitDecision {
  readonly results: readonly (RunResult | RefusedList)[];
}

/** Returns the worst end of several lists, with its reason. */
export function endOfStart(results: readonly (RunResult | RefusedList)[]): StartEnd {
  const worst = worstEnd(results);
  const told = results.find((one) => one.exitCode === worst.exitCode && one.exitCause === worst.exitCause);
  return { ...worst, reason: told?.reason ?? '', results };
}

/** A provider's code may be any text, so it is cut to this length. */
const LONGEST_CODE = 40;

export function conditionOf({ exitCode, exitCause, results }: StartEnd): JobCondition {
  const work = summariesOf(results).flatMap((summary) => summary.work.filter((one) => !one.isSettled));
  const failures: Partial<Record<(typeof rowClasses)[number], number>> = {};
  for (const one of work) {
    if (isSuccess(one.class) || one.class === 'duplicate' || one.class === 'unprocessed') continue;
    failures[one.class] = (failures[one.class] ?? 0) + one.rows;
  }
  const needSomebody = work.some((one) => one.actor !== 'nobody' && one.class !== 'unprocessed');
  const { urgency } = meaningOf(exitCause);
  const isQuiet = urgency === 'nothing' || urgency === 'tomorrow';
  return {
    // A list without rows is allowed, but mostly means a failed export.
    isWell: isQuiet && exitCause !== 'empty_list' && !needSomebody,
    exitCode,
    exitCause,
    failures,
    nightsUsedUp: work.reduce((sum, one) => sum + (one.nightsUsedUp ? one.rows : 0), 0),
  };
}

/** Returns the codes on rows of these runs that neither the provider's documents nor the job file know. */
export function unknownCodesOf(results: readonly (RunResult | RefusedList)[]): readonly string[] {
  const codes = summariesOf(results).flatMap(({ classes, codes: rowsByCode, givenClasses }) => {
    if (classes.unknown_code === 0) return [];
    const given = new Set(givenClasses.map(({ code }) => code));
    return Object.keys(rowsByCode).filter((code) => !isDocumentedCode(code) && !given.has(code));
  });
  const shown = codes.map((code) => maskIdsInText(cleanUntrustedText(code)).slice(0, LONGEST_CODE));
  return [...new Set(shown)].toSorted();
}

/** A time in which a person made the calls of a start wait. */
export type StartPause = NonNullable<Summary['rate']['pauses']>[number];

/**
 * Returns each pause once, oldest first, because several runs of a start may have waited in the same one. Pauses that
 * ended before `since` belong to an earlier start.
 */
export function pausesOf(results: readonly (RunResult | RefusedList)[], since: Date): readonly StartPause[] {
  const all = summariesOf(results).flatMap(({ rate }) => rate.pauses ?? []);
  const ofStart = all.filter(({ until }) => new Date(until) > since);
  const byStart = new Map(ofStart.map((pause) => [`${pause.from} ${pause.until} ${pause.by}`, pause]));
  return [...byStart.values()].toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from));
}

export function summariesOf(results: readonly (RunResult | RefusedList)[]): readonly Summary[] {
  return results.flatMap((result) => (result.kind === 'ran' ? [result.summary] : []));
}

/** Returns whether the job did its work or will continue by itself; a dead man's switch wants to know this. */
export function didItsWork({ exitCode, exitCause }: Pick<ExitDecision, 'exitCode' | 'exitCause'>): boolean {
  const limits: readonly string[] = ['limit', 'stop_at', 'max_calls', 'day_limit'];
  const complete: readonly number[] = [exitCodes.done, exitCodes.notEnrolled, exitCodes.unclear];
  return complete.includes(exitCode) || limits.includes(exitCause);
}
