import type { Clock } from '../../domain/clock.ts';
import type { RunSignals } from '../../domain/run-signals.ts';
import { Canary } from '../../dispatch/guards/canary.ts';
import {
  claimFree,
  claimSpread,
  countUnclaimedRows,
  findClaimingRuns,
  readDueRecords,
  type ClaimedSet,
  type DueRecord,
} from '../../ledger/runs/claiming.ts';
import { fencedTransaction, type Ledger, type RunFence } from '../../ledger/ledger-port.ts';
import { claimAndMark, markSending, type ClaimingMark, type SendingMark } from '../../ledger/runs/marking.ts';
import { noteCanary, type RunRow } from '../../ledger/runs/run-table.ts';
import { settleKnown } from '../start/plan-run.ts';

const CLAIMED_AT_ONCE = 500;
/** How often we look whether other runs have released records of this list. */
const OTHERS_POLL_MS = 1_000;
/** How often we look for canary records to call again while the canary is weighed. */
const CANARY_POLL_MS = 200;
/** A list shorter than this many canaries has none: a canary of half the list would spare little. */
const LEAST_MULTIPLE = 2;

/**
 * Makes the canary of a run that calls `due` records now. Null where it is switched off, has passed before, or would be
 * more than half of the list. A canary that tripped is called again, however few records are left.
 */
export function createCanary(
  size: number,
  { due, found }: { readonly due: number; readonly found: RunRow['canary'] },
): Canary | null {
  if (size === 0 || found === 'passed') return null;
  if (found === null && due <= size * LEAST_MULTIPLE) return null;
  return new Canary(Math.min(size, due));
}

export interface RunClaimsOptions {
  readonly ledger: Ledger;
  readonly run: RunRow;
  readonly fence: RunFence;
  readonly canary: Canary | null;
  /** Records that `--limit` leaves for this list; null: all. */
  readonly limit: number | null;
  /** Rows that were due when the process began to call. */
  readonly due: number;
  /** `retry.nights` of the job. */
  readonly nights: number;
  /** Releases records of this list that are claimed by runs whose process is dead. */
  readonly settleDeadRuns: () => Promise<void>;
  readonly clock: Clock;
  readonly signals: RunSignals;
  /** Aborted when the run must end; nothing waits any longer then. */
  readonly stop: AbortSignal;
}

const nothing: ClaimedSet = { records: [], skipped: 0, lastRowNo: null };

/**
 * Hands out the records of a run in the order in which they are called. The canary, where there is one, comes first,
 * and no other record until it has passed. Then come the records that were never called before, then the others, both
 * in list order. At the end it goes through the list again for records that other runs had claimed, until none is left.
 */
export class RunClaims {
  private readonly options: RunClaimsOptions;
  /** Numbers of the records this process has handed out and whose end is not written yet. */
  private readonly held = new Set<string>();
  /** Those of them that no claim holds yet: their first mark claims them. By record number. */
  private readonly unclaimed = new Map<string, DueRecord>();
  private hasCanaryBegun = false;
  private isCanaryOver: boolean;
  private taken = 0;
  private turn: 0 | 1 = 0;
  private afterRowNo = 0;
  /** Rows passed over, in this pass through the list, because another run had their record. */
  private skipped = 0;

  constructor(options: RunClaimsOptions) {
    this.options = options;
    this.isCanaryOver = options.canary === null;
  }

  /**
   * Resolves with the next set. An empty set means that there is nothing now and more may come; null means that the
   * list has no more for this run, or that the limit is reached.
   */
  async next(): Promise<ClaimedSet | null> {
    const { canary } = this.options;
    if (canary === null || this.isCanaryOver) return await this.nextInOrder();
    return await this.nextOfCanary(canary);
  }

  /**
   * Marks records as sending, and claims those that this run has not claimed yet. Resolves when this is durable, with
   * the numbers of the records that another run has claimed since they were handed out: they come again at the end.
   */
  async mark(marks: readonly SendingMark[]): Promise<ReadonlySet<string>> {
    const { ledger, fence } = this.options;
    const claiming: ClaimingMark[] = [];
    const claimed: SendingMark[] = [];
    for (const mark of marks) {
      const due = this.unclaimed.get(mark.recordNo);
      if (due === undefined) claimed.push(mark);
      else claiming.push({ ...mark, rowNo: due.rowNo, recordedAt: due.recordedAt });
    }
    if (claimed.length > 0) await markSending(ledger, fence, claimed);
    if (claiming.length === 0) return new Set();
    const ours = await claimAndMark(ledger, fence, claiming);
    for (const { recordNo } of claiming) this.unclaimed.delete(recordNo);
    const left = new Set(claiming.map((mark) => mark.recordNo).filter((recordNo) => !ours.has(recordNo)));
    for (const recordNo of left) this.held.delete(recordNo);
    this.taken -= left.size;
    this.skipped += left.size;
    return left;
  }

  /** Tells that the end of a record is durable. */
  ended(recordNo: string): void {
    this.held.delete(recordNo);
  }

  private take(set: ClaimedSet): ClaimedSet {
    for (const { recordNo } of set.records) this.held.add(recordNo);
    this.taken += set.records.length;
    if (set.records.length > 0) this.options.signals.reached('claimed');
    return set;
  }

  /**
   * Hands canary records out while the canary is still short of some. If two runs both kept theirs back, each would
   * wait for the other.
   */
  private async nextOfCanary(canary: Canary): Promise<ClaimedSet | null> {
    const { stop, clock } = this.options;
    if (stop.aborted) return nothing;
    if (!this.hasCanaryBegun) return await this.beginCanary(canary);
    if (canary.result.kind === 'open' && canary.missing > 0) return await this.fillCanary(canary);
    if (canary.result.kind === 'open')
      await Promise.race([canary.weighed, clock.sleep(CANARY_POLL_MS, stop)]);
    return canary.result.kind === 'passed' ? await this.endCanary() : nothing;
  }

  private async beginCanary(canary: Canary): Promise<ClaimedSet> {
    this.hasCanaryBegun = true;
    const { ledger, fence, run, due } = this.options;
    const spread = { provider: run.provider, inHand: this.held, count: canary.size, due };
    return this.takeForCanary(canary, await claimSpread(ledger, fence, spread));
  }

  private takeForCanary(canary: Canary, set: ClaimedSet): ClaimedSet {
    canary.add(set.records.map((record) => record.recordNo));
    return this.take(set);
  }

  /**
   * Replaces canary records that other runs have claimed by any free ones. Null where no unclaimed row is left to
   * spare.
   */
  private async fillCanary(canary: Canary): Promise<ClaimedSet | null> {
    const { ledger, fence, run, clock, stop } = this.options;
    await this.settleOthers();
    const terms = { provider: run.provider, inHand: this.held };
    const set = await claimFree(ledger, fence, terms, canary.missing);
    if (set.records.length > 0) return this.takeForCanary(canary, set);
    if ((await countUnclaimedRows(ledger, run.run_no)) === 0) return null;
    await Promise.race([canary.weighed, clock.sleep(OTHERS_POLL_MS, stop)]);
    return nothing;
  }

  /** Keeps with the run that its canary has passed, so that a continued run does not repeat it. */
  private async endCanary(): Promise<ClaimedSet | null> {
    const { ledger, fence, run } = this.options;
    await fencedTransaction(ledger, fence, async (transaction) => {
      await noteCanary(transaction, run.run_no, 'passed');
    });
    this.isCanaryOver = true;
    return await this.nextInOrder();
  }

  private async nextInOrder(): Promise<ClaimedSet | null> {
    const { ledger, run, limit } = this.options;
    const most = limit === null ? CLAIMED_AT_ONCE : Math.min(CLAIMED_AT_ONCE, limit - this.taken);
    if (most <= 0) return null;
    const { held: inHand, turn, afterRowNo } = this;
    const from = { provider: run.provider, turn, afterRowNo, inHand };
    const set = await readDueRecords(ledger, run.run_no, from, most);
    for (const record of set.records) if (!record.isClaimed) this.unclaimed.set(record.recordNo, record);
    this.take(set);
    this.skipped += set.skipped;
    if (set.lastRowNo !== null) {
      this.afterRowNo = set.lastRowNo;
      return set;
    }
    if (turn === 1) return await this.nextOfOthers();
    this.begin(1);
    return await this.nextInOrder();
  }

  private begin(turn: 0 | 1): void {
    this.turn = turn;
    this.afterRowNo = 0;
  }

  /** Goes through the list again for the records that other runs had claimed. */
  private async nextOfOthers(): Promise<ClaimedSet | null> {
    const { ledger, run, clock, stop } = this.options;
    if (this.skipped === 0 || stop.aborted) return null;
    const others = await findClaimingRuns(ledger, run.run_no, run.provider);
    await this.settleOthers();
    if (others.length > 0) await clock.sleep(OTHERS_POLL_MS, stop);
    if (stop.aborted) return null;
    this.skipped = 0;
    this.begin(0);
    return nothing;
  }

  /** Settles rows whose record another run has finished meanwhile, and releases what dead runs had claimed. */
  private async settleOthers(): Promise<void> {
    const { ledger, fence, run, nights, settleDeadRuns } = this.options;
    await settleDeadRuns();
    await fencedTransaction(ledger, fence, async (transaction) => {
      await settleKnown(transaction, run, nights);
    });
  }
}
