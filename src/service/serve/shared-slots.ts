import { randomUUID } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { forgetServeWorker, hasFreeWorker, noteServeWorker } from '../../ledger/serve-worker-table.ts';
import { HandedBackError } from '../queue/run-queue.ts';
import { RunSlots } from './run-slots.ts';

/** A waiting request checks at this pace whether another process could begin it. */
const LOOK_MS = 5_000;

/**
 * Holds the slots for runs in this process, and publishes to the other processes on a server ledger how many are free.
 * A request that waits here while another process is free is handed back, so that one of them takes it.
 */
export class SharedSlots {
  private readonly worker = randomUUID();
  private readonly slots: RunSlots;
  private readonly ledger: Ledger;
  private readonly clock: Clock;

  constructor(slots: number, { ledger, clock }: { readonly ledger: Ledger; readonly clock: Clock }) {
    this.slots = new RunSlots(slots);
    this.ledger = ledger;
    this.clock = clock;
  }

  /** Does `work` as RunSlots does. Rejects with HandedBackError where another process is free and this one is not. */
  async take<Result>(
    { job, rows }: { readonly job: string; readonly rows: number | null },
    stop: AbortSignal,
    work: () => Promise<Result>,
  ): Promise<Result | null> {
    if (this.ledger.engine === 'embedded') return await this.slots.take(rows, stop, work);
    const handBack = new AbortController();
    const hasTurn = new AbortController();
    const looking = this.lookElsewhere(job, handBack, AbortSignal.any([stop, hasTurn.signal]));
    try {
      const result = await this.slots.take(rows, AbortSignal.any([stop, handBack.signal]), async () => {
        hasTurn.abort();
        return { of: await work() };
      });
      if (result !== null) return result.of;
    } finally {
      hasTurn.abort();
      await looking;
    }
    if (handBack.signal.aborted) throw new HandedBackError();
    return null;
  }

  /** Publishes to the other processes how many slots are free here. */
  async tell(jobs: readonly string[]): Promise<void> {
    if (this.ledger.engine === 'embedded') return;
    await noteServeWorker(this.ledger, { worker: this.worker, jobs, freeSlots: this.slots.free });
  }

  /**
   * Tells the other processes that this one makes no more runs. Ignores a failure, because the ledger forgets a silent
   * process.
   */
  async leave(): Promise<void> {
    if (this.ledger.engine === 'embedded') return;
    await forgetServeWorker(this.ledger, this.worker).catch(() => undefined);
  }

  private async lookElsewhere(job: string, handBack: AbortController, end: AbortSignal): Promise<void> {
    for (;;) {
      await this.clock.sleep(LOOK_MS, end);
      if (end.aborted) return;
      // Where the ledger does not answer, nothing is known about other processes.
      const isFree = await hasFreeWorker(this.ledger, job, this.worker).catch(() => false);
      if (isFree) {
        handBack.abort();
        return;
      }
    }
  }
}
