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
/** As long as other runs have records of ours in hand, they are asked so often whether they are done. */
const OTHERS_POLL_MS = 1_000;
/** While the canary is weighed, records of it that come again are looked for so often. */
const CANARY_POLL_MS = 200;
/** A canary of half the list would spare little, and of a list that short a person sees as much at the end. */
const LEAST_MULTIPLE = 2;

/**
 * The canary of a run that calls `due` records now, or null: switched off, found well before, or more than half of
 * the list. One that tripped is done again, however little is left.
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
  /** What `--limit` leaves for this list; null: all. */
  readonly limit: number | null;
  /** Rows due when the process began to call. */
  readonly due: number;
  /** retry.nights. */
  readonly nights: number;
  /** Frees the records of this run that runs of dead processes hold. */
  readonly settleDeadRuns: () => Promise<void>;
  readonly clock: Clock;
  readonly signals: RunSignals;
  /** Aborted when the run is to end: nothing more is waited for. */
  readonly stop: AbortSignal;
}

const nothing: ClaimedSet = { records: [], skipped: 0, lastRowNo: null };

/**
 * The records of a run in the order in which they are called. First the canary, where there is one, and nobody else
 * until it is found well. Then the records that were never called before, then the others, both in list order. At the
 * end, again and again, what another run had in hand, until nobody else has any.
 */
export class RunClaims {
  private readonly options: RunClaimsOptions;
  /** Given out by this process, their end not written yet. */
  private readonly held = new Set<string>();
  /** Of these, by number, those that their first mark is to claim. */
  private readonly unclaimed = new Map<string, DueRecord>();
  private hasCanaryBegun = false;
  private isCanaryOver: boolean;
  private taken = 0;
  private turn: 0 | 1 = 0;
  private afterRowNo = 0;
  /** Rows of other runs that were met since the list was begun last. */
  private skipped = 0;

  constructor(options: RunClaimsOptions) {
    this.options = options;
    this.isCanaryOver = options.canary === null;
  }

  /**
   * The next set, which may be empty: then there is nothing now, and more may come. Null when the list has no more for
   * this run, or the limit is reached.
   */
  async next(): Promise<ClaimedSet | null> {
    const { canary } = this.options;
    if (canary === null || this.isCanaryOver) return await this.nextInOrder();
    return await this.nextOfCanary(canary);
  }

  /**
   * Notes that calls are about to leave, and claims the records that this run has not claimed yet. Resolves when it is
   * durable, with the numbers of those that another run has taken since they were given out: they come again at the end.
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

  /** The end of a record that was claimed here is durable. */
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
   * Those the canary has are called while it waits for more: two runs that both kept theirs back would wait for each
   * other.
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

  /** Others in the place of those that other runs have in hand, wherever they are. Null: nobody is left to be spared. */
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

  /** Remembers that the run need not do it again. */
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

  /** Begins the list again, for what other runs had in hand. */
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

  /** Settles what other runs have dealt with meanwhile, and frees what dead ones hold. */
  private async settleOthers(): Promise<void> {
    const { ledger, fence, run, nights, settleDeadRuns } = this.options;
    await settleDeadRuns();
    await fencedTransaction(ledger, fence, async (transaction) => {
      await settleKnown(transaction, run, nights);
    });
  }
}
