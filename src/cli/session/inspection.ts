import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/error-words.ts';
import { fault, type Finding } from '../../domain/setup/finding.ts';
import { withinDeadline } from '../../domain/time/deadline.ts';

/** Longest time for one check: a name server, a server or a file system may not answer. */
const DEADLINE_MS = 20_000;

/**
 * Returns the findings of one check within its deadline. A check that takes longer, or fails, is a finding itself,
 * and the others continue. `stop` is aborted at the deadline.
 */
export async function checkWithin(
  clock: Clock,
  about: string,
  check: (stop: AbortSignal) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await withinDeadline(clock, DEADLINE_MS, check, () => [
      fault(about, `no answer within ${DEADLINE_MS / 1_000} s`, 'find out why it does not answer'),
    ]);
  } catch (error) {
    return [fault(about, `it could not be checked: ${messageOf(error)}`)];
  }
}
