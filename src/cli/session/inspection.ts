import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/error-words.ts';
import { fault, type Finding } from '../../domain/setup/finding.ts';
import { withinDeadline } from '../../domain/time/deadline.ts';

/** Longer nobody waits for one check: a name server, a server or a file system that says nothing. */
const DEADLINE_MS = 20_000;

/**
 * The findings of one check, within its deadline: one that takes longer, or that breaks, is a finding itself, and the
 * others go on. `stop` aborts at the deadline, for what the check still waits for.
 */
export async function checkWithin(
  clock: Clock,
  about: string,
  check: (stop: AbortSignal) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await withinDeadline(clock, DEADLINE_MS, check, () => [
      fault(about, `no answer within ${DEADLINE_MS / 1_000} s`, 'see what keeps it from answering'),
    ]);
  } catch (error) {
    return [fault(about, `it could not be looked at: ${messageOf(error)}`)];
  }
}
