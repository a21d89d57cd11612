import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/error-words.ts';
import {
  brokenTrailWords,
  holdsAnchor,
  proveAuditTrail,
  type TrailAnchor,
} from '../../ledger/desk/audit-proof.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';

const DAY_MS = 86_400_000;

export interface AnchoringOptions {
  readonly ledger: Queryable;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly tell: (sentence: string) => void;
}

/**
 * Proves the desk's audit trail at the start and once a day, and tells its last entry with its hash: in a log outside of
 * the ledger that shows a trail that somebody wrote anew or cut off, which is whole in itself. Resolves after `stop`.
 */
export async function keepAnchoring({ ledger, clock, stop, tell }: AnchoringOptions): Promise<void> {
  let anchor: TrailAnchor | null = null;
  while (!stop.aborted) {
    try {
      anchor = await anchorOnce({ ledger, tell }, anchor);
    } catch (error) {
      tell(`the audit trail could not be proved: ${messageOf(error)}`);
    }
    await clock.sleep(DAY_MS, stop);
  }
}

/** Returns the last entry as it was told, to which the next proof has to lead; `before` is that of the last proof. */
export async function anchorOnce(
  { ledger, tell }: Pick<AnchoringOptions, 'ledger' | 'tell'>,
  before: TrailAnchor | null,
): Promise<TrailAnchor | null> {
  if (before !== null && !(await holdsAnchor(ledger, before))) {
    tell(
      `AUDIT TRAIL CHANGED: entry ${before.entryNo} with the hash ${before.hash}, told by this process, is not there any more: the trail was written anew, or its end was cut off`,
    );
  }
  const proof = await proveAuditTrail(ledger);
  if (proof.kind === 'broken') {
    tell(`AUDIT TRAIL BROKEN: ${brokenTrailWords(proof)}`);
    return before;
  }
  const { entries, lastNo, lastHash } = proof;
  if (lastHash === null) return before;
  tell(`the audit trail is whole: ${entries} entries, the last is ${lastNo} with the hash ${lastHash}`);
  return { entryNo: lastNo, hash: lastHash };
}
