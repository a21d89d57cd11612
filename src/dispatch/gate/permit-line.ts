import Bottleneck from 'bottleneck';

/**
 * The line in which calls wait for their permits: bottleneck, whose reservoir holds one while any is free. Whoever passes
 * takes others along, as far as there are permits, so their number is none of bottleneck's business: each change of the
 * reservoir costs a timer and a look through the line.
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

  /** Whether a permit is free now. */
  tell(isFree: boolean): void {
    const holds = isFree ? 1 : 0;
    const more = holds - this.reservoir;
    if (more === 0 || this.isClosed) return;
    this.reservoir = holds;
    void this.bottleneck.incrementReservoir(more);
  }

  /** Resolves when the line has come to whoever asks and a permit is free; the next one passes when it is told again. */
  async pass(): Promise<void> {
    await this.bottleneck.schedule(async () => await Promise.resolve());
    this.reservoir -= 1;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.bottleneck.disconnect();
  }
}
