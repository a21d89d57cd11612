import type { Configuration } from '../../config/configuration.ts';
import type { RunKind } from '../../ledger/runs/run-table.ts';

type Guards = Pick<
  Configuration['guards'],
  'canary' | 'maxFailures' | 'maxUnknownCodes' | 'newlyFailingPercent'
>;

/**
 * The guards that weigh the calls of a run. What failed before and is called again at a person's request may well
 * fail again: neither canary nor maxFailures nor newlyFailing look at it.
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
