import Bottleneck from 'bottleneck';

/**
 * The line in which calls wait for their permits. bottleneck keeps it, with a reservoir that holds one while any permit
 * is free. A call that passes takes others along as far as there are permits. bottleneck does not need their number,
 * and each change of the reservoir would cost a timer and a look through the line.
 *
 * The line has no timing of its own. bottleneck's own refill is a fixed window, which lets twice the rate through
 * within one second. It also computes the start of the next job by the wall clock, as the start of the last job plus
 * `minTime`. An infinitely negative `minTime` always means "now", wherever the wall clock is put.
 */
export class PermitLine {
  private readonly bottleneck = new Bottleneck({ reservoir: 0, maxConcurrent: null, minTime: -Infinity });
  /** What the reservoir holds once bottleneck has taken in every change. */
  private reservoir = 0;
  private isClosed = false;

  constructor() {
    skipTurnsOfTheLoop(this.bottleneck);
    // Until the first job has started, bottleneck counts from the moment at which it was made.
    void this.bottleneck.schedule({ weight: 0 }, async () => await Promise.resolve());
  }

  /** Whether a permit is free now. */
  tell(isFree: boolean): void {
    const holds = isFree ? 1 : 0;
    const more = holds - this.reservoir;
    if (more === 0 || this.isClosed) return;
    this.reservoir = holds;
    void this.bottleneck.incrementReservoir(more);
  }

  /** Resolves when the caller is first in line and a permit is free. The next one passes when it is told again. */
  async pass(): Promise<void> {
    const passed = Promise.withResolvers<void>();
    // bottleneck's own promise waits until the job is off its books.
    void this.bottleneck
      .schedule(async () => {
        passed.resolve();
        await Promise.resolve();
      })
      .catch(passed.reject);
    await passed.promise;
    this.reservoir -= 1;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.bottleneck.disconnect();
  }
}

interface WithLocalStore {
  readonly _store?: { yieldLoop?: (milliseconds?: number) => Promise<void> };
}

/**
 * bottleneck's store waits for a timer at each step, as a store on Redis would wait for its answer: five timers a turn
 * of the line, each of which wakes the process. Another version of bottleneck that has no such step is only slower.
 */
function skipTurnsOfTheLoop(bottleneck: Bottleneck & WithLocalStore): void {
  const { _store: store } = bottleneck;
  if (store?.yieldLoop !== undefined) store.yieldLoop = async () => await Promise.resolve();
}
