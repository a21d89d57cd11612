import type { FailureLimit } from '../../config/run-settings.ts';
import type { CallClass } from '../../domain/class.ts';
import type { LimitCause } from '../../domain/exit-cause.ts';
import type { Reply } from '../../domain/outcome.ts';

/** The limits on what the calls of one process may bring before it stops. */
export interface GuardRules {
  readonly maxFailures: FailureLimit;
  /** Calls answered with a code that is not in the table. */
  readonly maxUnknownCodes: number;
  /** Of members that were well when the run began, the share that may be refused; null: not weighed. */
  readonly newlyFailingPercent: number | null;
}

/** What the calls have brought so far. Classes kept from earlier runs are not counted. */
export interface CallTally {
  readonly calls: number;
  /** Records that came to their end, by class. */
  readonly final: Readonly<Partial<Record<CallClass, number>>>;
  /** Calls by the code that made them unknown_code. */
  readonly unknownCodes: ReadonlyMap<string, number>;
  /** The same of members that were well when the run began: their records that came to their end, by class. */
  readonly well: Readonly<Partial<Record<CallClass, number>>>;
}

/**
 * Counts what the calls of one process have brought over all lists of its job, so that many short lists can't evade a
 * guard.
 */
export class GuardTally implements CallTally {
  readonly final: Partial<Record<CallClass, number>> = {};
  readonly unknownCodes = new Map<string, number>();
  readonly well: Partial<Record<CallClass, number>> = {};
  calls = 0;

  /** A call. `ended`: the class in which its record came to its end; null: the record has none yet. */
  observe(reply: Reply, ended: CallClass | null): void {
    this.calls += 1;
    if (ended === null) return;
    this.noteLate(ended);
    if (ended !== 'unknown_code' || reply.kind !== 'answered') return;
    const code = reply.code ?? 'refused before the provider';
    this.unknownCodes.set(code, (this.unknownCodes.get(code) ?? 0) + 1);
  }

  /** Counts the end of a member that was well. `observe` counts it among all members. */
  noteWell(callClass: CallClass): void {
    this.well[callClass] = (this.well[callClass] ?? 0) + 1;
  }

  /** Counts the end of a record that came without a call of its own. */
  noteLate(callClass: CallClass): void {
    this.final[callClass] = (this.final[callClass] ?? 0) + 1;
  }
}

/**
 * Not enrolled, and not for the customer alone to put right: many of them mean that the list or the provider is wrong.
 */
const failureClasses: readonly CallClass[] = [
  'bad_data',
  'conflict',
  'unknown_code',
  'ambiguous',
  'transient',
];

/** Before so many calls a share says little: of 20 records one is 5%. A plain number needs no such floor. */
const SHARE_FLOOR_CALLS = 200;
/** Most codes that a sentence names, whatever a provider answers. */
const CODES_NAMED = 10;

/** Why a guard stops a run. */
export interface TrippedGuard {
  readonly cause: LimitCause;
  readonly sentence: string;
}

/** Returns the first guard whose limit is exceeded, else null. */
export function findTrippedGuard(rules: GuardRules, tally: CallTally): TrippedGuard | null {
  const newly = weighNewlyFailing(rules.newlyFailingPercent, tally);
  if (newly !== null) return { cause: 'newly_failing', sentence: newly };
  const failures = weighFailures(rules.maxFailures, tally);
  if (failures !== null) return { cause: 'max_failures', sentence: failures };
  const unknown = weighUnknownCodes(rules.maxUnknownCodes, tally);
  return unknown === null ? null : { cause: 'unknown_codes', sentence: unknown };
}

function weighFailures(limit: FailureLimit, { calls, final }: CallTally): string | null {
  const failures = countFailures(final);
  const finished = sumOf(Object.values(final));
  if (limit.kind === 'count') {
    if (failures <= limit.count) return null;
    return `stopped by guards.maxFailures (${limit.count}): ${failures} of ${finished} records failed (${describeFailures(final)})`;
  }
  if (calls < SHARE_FLOOR_CALLS || failures * 100 <= limit.percent * finished) return null;
  const share = ((failures * 100) / finished).toFixed(1);
  return `stopped by guards.maxFailures (${limit.percent}%): ${failures} of ${finished} records failed, ${share}% (${describeFailures(final)})`;
}

/** Refused for what the list or the provider has of them, not for what a customer must do. */
const refusedClasses: readonly CallClass[] = ['bad_data', 'conflict', 'unknown_code'];

/** Before so many members a share says little. */
const SHARE_FLOOR_MEMBERS = 200;

/** Trips where many members that were well are refused now: the list, or the provider, has changed in between. */
function weighNewlyFailing(percent: number | null, { well }: CallTally): string | null {
  const members = sumOf(Object.values(well));
  const refused = sumOf(refusedClasses.map((name) => well[name] ?? 0));
  if (percent === null || members < SHARE_FLOOR_MEMBERS || refused * 100 <= percent * members) return null;
  const share = ((refused * 100) / members).toFixed(1);
  return `stopped by guards.newlyFailing (${percent}%): ${refused} of ${members} members that were well are refused now, ${share}% (${describeClasses(well, refusedClasses)})`;
}

/** Many members that were well and now wait for their customers: told, and nothing is stopped. Null: not so many. */
export function describeWave(
  { newlyFailingPercent: percent }: GuardRules,
  { well }: CallTally,
): string | null {
  const members = sumOf(Object.values(well));
  const waiting = well.action_required ?? 0;
  if (percent === null || members < SHARE_FLOOR_MEMBERS || waiting * 100 <= percent * members) return null;
  return `${waiting} of ${members} members that were well must act themselves now (action_required): look whether terms or accounts have changed for many at once`;
}

/** Trips on many unknown codes: the provider has changed, and each such record waits for a developer. */
function weighUnknownCodes(most: number, { unknownCodes }: CallTally): string | null {
  const calls = sumOf([...unknownCodes.values()]);
  if (calls <= most) return null;
  const codes = [...unknownCodes].toSorted(([, a], [, b]) => b - a);
  const named = codes.slice(0, CODES_NAMED).map(([code, count]) => `${code} ${count}`);
  const others = codes.length - named.length;
  const figures = [...named, ...(others > 0 ? [`${others} more`] : [])].join(', ');
  return `stopped by guards.maxUnknownCodes (${most}): ${calls} calls were answered with codes that are not in the table (${figures})`;
}

export function isFailure(callClass: CallClass): boolean {
  return failureClasses.includes(callClass);
}

function countFailures(final: CallTally['final']): number {
  return sumOf(failureClasses.map((name) => final[name] ?? 0));
}

/** `bad_data 12, conflict 3`, the classes in the order people read them. */
export function describeFailures(final: CallTally['final']): string {
  return describeClasses(final, failureClasses);
}

function describeClasses(final: CallTally['final'], classes: readonly CallClass[]): string {
  return classes.flatMap((name) => (final[name] === undefined ? [] : [`${name} ${final[name]}`])).join(', ');
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
