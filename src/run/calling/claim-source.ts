import type { Clock } from '../../domain/clock.ts';
import { claimRecords, type ClaimedSet } from '../../ledger/runs/claiming.ts';
import type { Ledger, RunLease } from '../../ledger/ledger-port.ts';
import { findClaimingRuns } from '../../ledger/runs/other-runs.ts';

const CLAIMED_AT_ONCE = 500;
const OTHERS_POLL_MS = 1_000;

export interface ClaimSourceOptions {
  readonly ledger: Ledger;
  readonly lease: RunLease;
  readonly provider: string;
  /** `--limit`: most records to claim; null is all. */
  readonly limit: number | null;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Claimed records whose end is not written yet; those claimed here are added, others take them out. */
  readonly inHand: Set<string>;
  readonly claimed: () => void;
  /** Settles what other runs have dealt with meanwhile, and frees what dead ones hold. */
  readonly settleOthers: () => Promise<void>;
}

/**
 * The rows of a run in the order they are called: records never called before, then the others, both in list order;
 * at the end, again and again, what another run had in hand, until nobody else has any. Null then, or when the limit
 * is reached or the run is to stop.
 */
export function createClaimSource(options: ClaimSourceOptions): () => Promise<ClaimedSet | null> {
  let turn: 0 | 1 = 0;
  let afterRowNo = 0;
  let taken = 0;
  let skipped = 0;

  async function claimNext(): Promise<ClaimedSet | null> {
    const most = options.limit === null ? CLAIMED_AT_ONCE : Math.min(CLAIMED_AT_ONCE, options.limit - taken);
    if (most <= 0) return null;
    const { provider, inHand } = options;
    const from = { provider, turn, afterRowNo, inHand };
    const set = await claimRecords(options.ledger, options.lease, from, most);
    for (const { recordNo } of set.records) inHand.add(recordNo);
    taken += set.records.length;
    skipped += set.skipped;
    if (set.records.length > 0) options.claimed();
    if (set.lastRowNo !== null) {
      afterRowNo = set.lastRowNo;
      return set;
    }
    return turn === 0 ? await startTurn(1) : await claimFromOthers();
  }

  async function startTurn(next: 0 | 1): Promise<ClaimedSet | null> {
    turn = next;
    afterRowNo = 0;
    return await claimNext();
  }

  async function claimFromOthers(): Promise<ClaimedSet | null> {
    if (skipped === 0 || options.stop.aborted) return null;
    const others = await findClaimingRuns(options.ledger, options.lease.runNo, options.provider);
    await options.settleOthers();
    if (others.length > 0) await options.clock.sleep(OTHERS_POLL_MS, options.stop);
    if (options.stop.aborted) return null;
    skipped = 0;
    turn = 0;
    afterRowNo = 0;
    return { records: [], skipped: 0, lastRowNo: null };
  }

  return claimNext;
}
