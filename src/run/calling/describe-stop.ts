import type { StopReason } from '../../dispatch/guards/stop-reason.ts';
import type { LogFields } from '../../domain/logger.ts';

/** Why calls ended early, for the log; nulls where they came to their end. */
export function describeStop(stopped: StopReason | null): LogFields {
  if (stopped === null) return { early: null };
  const { kind } = stopped;
  if (kind !== 'limit' && kind !== 'provider') return { early: kind };
  return { early: kind, cause: stopped.cause, sentence: stopped.sentence };
}
