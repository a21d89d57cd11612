import Bottleneck from 'bottleneck';

/**
 * The line in which calls wait for their permits: bottleneck, whose reservoir holds as many permits as it was last told.
 *
 * It has no timing of its own. bottleneck's own refill is a fixed window, which lets twice the rate through within one
 * second, and it reckons by the wall clock when the next job may start: the start of the last one and `minTime`. A
 * `minTime` without end in the past always means "now", wherever the wall clock is put.
 */
export class PermitLine {
  private readonly bottleneck = new Bottleneck({ reservoir: 0, maxConcurrent: null, minTime: -Infinity });
  /** What the reservoir holds, once bottleneck has heard of all it was told. */
  private reservoir = 0;
  private isClosed = false;

  constructor() {
    // Until a first job has started, bottleneck reckons from the moment at which it was made.
    void this.bottleneck.schedule({ weight: 0 }, async () => await Promise.resolve());
  }

  /** So many permits are free now; none where it is 0 or less. */
  tell(free: number): void {
    const more = free - this.reservoir;
    if (more === 0 || this.isClosed) return;
    this.reservoir = free;
    void this.bottleneck.incrementReservoir(more);
  }

  /** Resolves when the line has come to whoever asks and a permit is free, which is taken off what was told. */
  async pass(): Promise<void> {
    await this.bottleneck.schedule(async () => await Promise.resolve());
    this.reservoir -= 1;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.bottleneck.disconnect();
  }
}
