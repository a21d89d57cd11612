import type { Actor } from './class.ts';
import { exitCodes, worstExitCode, type ExitCode } from './exit-code.ts';
import { cleanUntrustedText } from './untrusted-text.ts';

/** How urgently a cause asks for somebody, from not at all to getting a person out of bed. */
export const urgencies = ['nothing', 'tomorrow', 'today', 'wake'] as const;
export type Urgency = (typeof urgencies)[number];

export interface CauseMeaning {
  /**
   * The codes a process ends with for this cause: one, except for a signal, where the code tells which signal it was.
   */
  readonly codes: readonly ExitCode[];
  readonly urgency: Urgency;
  /** Who must act because of the cause itself. `rows`: whoever must act on the rows. */
  readonly actor: Actor | 'rows';
}

const { done, bug, usage, notEnrolled, unclear, listRefused } = exitCodes;
const { stoppedByGuard, providerUnavailable, ownSide, totalsDisagree, interrupted, terminated } = exitCodes;

/**
 * Why a process ended: the closed list of causes, and the one table of what each asks for. Docs, the ledger's check
 * and every output follow it, and tests compare them. `today` means the next working day; `tomorrow` means the next
 * start, which continues by itself.
 */
const meanings = {
  done: cause(done, 'nothing', 'nobody'),
  nothing_due: cause(done, 'nothing', 'nobody'),
  empty_list: cause(done, 'nothing', 'nobody'),
  usage: cause(usage, 'today', 'operations'),
  not_enrolled: cause(notEnrolled, 'today', 'rows'),
  unclear: cause(unclear, 'today', 'rows'),
  list_refused: cause(listRefused, 'today', 'list_owner'),
  limit: cause(stoppedByGuard, 'tomorrow', 'nobody'),
  stop_at: cause(stoppedByGuard, 'tomorrow', 'nobody'),
  max_calls: cause(stoppedByGuard, 'tomorrow', 'nobody'),
  day_limit: cause(stoppedByGuard, 'tomorrow', 'nobody'),
  canary: cause(stoppedByGuard, 'today', 'operations'),
  max_failures: cause(stoppedByGuard, 'today', 'operations'),
  unknown_codes: cause(stoppedByGuard, 'today', 'developer'),
  newly_failing: cause(stoppedByGuard, 'today', 'operations'),
  clock: cause(stoppedByGuard, 'today', 'operations'),
  credentials: cause(providerUnavailable, 'today', 'operations'),
  wrong_setup: cause(providerUnavailable, 'today', 'operations'),
  wrong_address: cause(providerUnavailable, 'today', 'operations'),
  provider_silent: cause(providerUnavailable, 'today', 'operations'),
  throttled: cause(providerUnavailable, 'today', 'operations'),
  ledger_gone: cause(ownSide, 'wake', 'operations'),
  source_gone: cause(ownSide, 'today', 'operations'),
  folder: cause(ownSide, 'today', 'operations'),
  held: cause(ownSide, 'today', 'operations'),
  overtaken: cause(ownSide, 'nothing', 'nobody'),
  signal: { codes: [interrupted, terminated], urgency: 'tomorrow', actor: 'nobody' },
  totals: cause(totalsDisagree, 'wake', 'developer'),
  bug: cause(bug, 'wake', 'developer'),
} as const satisfies Readonly<Record<string, CauseMeaning>>;

export type ExitCause = keyof typeof meanings;

/** All causes in the order the docs show them. */
export const exitCauses = Object.keys(meanings) as readonly ExitCause[];

/** Causes with exactly one exit code. */
export type CodedCause = Exclude<ExitCause, 'signal'>;

export type LimitCause = Extract<
  ExitCause,
  | 'limit'
  | 'stop_at'
  | 'max_calls'
  | 'day_limit'
  | 'canary'
  | 'max_failures'
  | 'unknown_codes'
  | 'newly_failing'
  | 'clock'
>;

export type ProviderCause = Extract<
  ExitCause,
  'credentials' | 'wrong_setup' | 'wrong_address' | 'provider_silent' | 'throttled'
>;

export function meaningOf(name: ExitCause): CauseMeaning {
  return meanings[name];
}

export function exitCodeOfCause(name: CodedCause): ExitCode {
  return meanings[name].codes[0];
}

/** How something ended. `exitCode` is one of its cause's codes. */
export interface ExitDecision {
  readonly exitCode: ExitCode;
  readonly exitCause: ExitCause;
  /** One sentence. */
  readonly reason: string;
}

/** Creates a decision. `reason` may hold names and words from outside; it becomes one line. */
export function endBy(name: CodedCause, reason: string): ExitDecision {
  return { exitCode: exitCodeOfCause(name), exitCause: name, reason: cleanUntrustedText(reason) };
}

/**
 * Returns the end with the worst code of several lists and, among those, the most urgent cause; done where there is
 * none.
 */
export function worstEnd(
  ends: readonly Pick<ExitDecision, 'exitCode' | 'exitCause'>[],
): Pick<ExitDecision, 'exitCode' | 'exitCause'> {
  const exitCode = worstExitCode(ends.map((one) => one.exitCode));
  const causes = ends.filter((one) => one.exitCode === exitCode).map((one) => one.exitCause);
  const urgencyOf = (name: ExitCause): number => urgencies.indexOf(meaningOf(name).urgency);
  const [worst = 'done'] = causes.toSorted((one, other) => urgencyOf(other) - urgencyOf(one));
  return { exitCode, exitCause: worst };
}

function cause<Code extends ExitCode, Name extends Urgency, Who extends Actor | 'rows'>(
  code: Code,
  urgency: Name,
  actor: Who,
): { readonly codes: readonly [Code]; readonly urgency: Name; readonly actor: Who } {
  return { codes: [code], urgency, actor };
}
