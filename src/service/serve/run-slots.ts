import { isSmallList } from '../../domain/small-list.ts';

interface Waiting {
  readonly isSmall: boolean;
  readonly go: () => void;
}

/**
 * Limits the number of runs at the same time in this process. Small lists go first; otherwise runs begin in the order
 * of their requests.
 */
export class RunSlots {
  private freeSlots: number;
  private readonly waiting = new Set<Waiting>();

  constructor(slots: number) {
    this.freeSlots = slots;
  }

  /** The number of further runs that could begin now. */
  get free(): number {
    return this.freeSlots;
  }

  /**
   * Does `work` when a slot is free. `rows` is the expected number of rows in the list; null where it is unknown.
   * Returns null where `leave` was aborted before a slot was free.
   */
  async take<Result>(
    rows: number | null,
    leave: AbortSignal,
    work: () => Promise<Result>,
  ): Promise<Result | null> {
    if (this.freeSlots > 0) this.freeSlots -= 1;
    else if (!(await this.wait(rows !== null && isSmallList(rows), leave))) return null;
    try {
      return leave.aborted ? null : await work();
    } finally {
      this.release();
    }
  }

  /** Returns whether the request was given a slot. */
  private async wait(isSmall: boolean, leave: AbortSignal): Promise<boolean> {
    if (leave.aborted) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const entry: Waiting = {
      isSmall,
      go: () => {
        resolve(true);
      },
    };
    this.waiting.add(entry);
    const giveUp = (): void => {
      if (this.waiting.delete(entry)) resolve(false);
    };
    leave.addEventListener('abort', giveUp, { once: true });
    const hasSlot = await promise;
    leave.removeEventListener('abort', giveUp);
    return hasSlot;
  }

  private release(): void {
    const line = [...this.waiting];
    const next = line.find(({ isSmall }) => isSmall) ?? line[0];
    if (next === undefined) {
      this.freeSlots += 1;
      return;
    }
    this.waiting.delete(next);
    next.go();
  }
}
