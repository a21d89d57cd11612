import type { Configuration } from '../../config/configuration.ts';
import type { RunKind } from '../../ledger/runs/run-table.ts';

type Guards = Pick<
  Configuration['guards'],
  'canary' | 'maxFailures' | 'maxUnknownCodes' | 'newlyFailingPercent'
>;

/**
 * Returns the guards that weigh the calls of a run. Rows that failed before and are called again at a person's request
 * may well fail again, so canary, maxFailures and newlyFailing do not look at them.
 */
export function guardsInForce(
  kind: RunKind,
  { canary, maxFailures, maxUnknownCodes, newlyFailingPercent }: Guards,
): Guards {
  if (kind === 'list') return { canary, maxFailures, maxUnknownCodes, newlyFailingPercent };
  return {
    canary: 0,
    maxFailures: { kind: 'share', percent: 100 },
    maxUnknownCodes,
    newlyFailingPercent: null,
  };
}
