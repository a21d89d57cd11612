import { isSmallList } from '../../domain/small-list.ts';

interface Waiting {
  readonly isSmall: boolean;
  readonly go: () => void;
}

/**
 * Limits the number of runs at the same time in this process; small ones go first, otherwise in the order in which
 * they came.
 */
export class RunSlots {
  private free: number;
  private readonly waiting = new Set<Waiting>();

  constructor(slots: number) {
    this.free = slots;
  }

  /**
   * Does `work` when a slot is free. `rows`: the expected number of rows of the list; null: unknown. Returns null
   * where `stop` was aborted before that.
   */
  async take<Result>(
    rows: number | null,
    stop: AbortSignal,
    work: () => Promise<Result>,
  ): Promise<Result | null> {
    if (this.free > 0) this.free -= 1;
    else await this.wait(rows !== null && isSmallList(rows), stop);
    if (stop.aborted) return null;
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  private async wait(isSmall: boolean, stop: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const entry: Waiting = { isSmall, go: resolve };
    this.waiting.add(entry);
    const leave = (): void => {
      this.waiting.delete(entry);
      resolve();
    };
    stop.addEventListener('abort', leave, { once: true });
    await promise;
    stop.removeEventListener('abort', leave);
  }

  private release(): void {
    const line = [...this.waiting];
    const next = line.find(({ isSmall }) => isSmall) ?? line[0];
    if (next === undefined) {
      this.free += 1;
      return;
    }
    this.waiting.delete(next);
    next.go();
  }
}
