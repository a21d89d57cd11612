import type { Clock } from '../../domain/clock.ts';

export interface CallCountOptions {
  readonly clock: Clock;
  /** End of the stretch of time at hand, such as a day; null: it outlasts the run. */
  readonly endOf: ((now: Date) => Date) | null;
  /** A new stretch has begun. */
  readonly renewed: () => void;
}

/** Counts the calls of this process in a stretch of time. */
export class CallCount {
  private readonly options: CallCountOptions;
  private endsAt: number;
  private made = 0;
  private underWay = 0;

  constructor(options: CallCountOptions) {
    this.options = options;
    this.endsAt = this.nextEnd();
  }

  /** Calls among them that are under way. */
  get own(): number {
    this.renew();
    return this.made;
  }

  take(): void {
    this.renew();
    this.made += 1;
    this.underWay += 1;
  }

  /** `wasMade` false: surely nothing was sent, and it does not count. */
  ended(wasMade: boolean): void {
    this.underWay -= 1;
    if (!wasMade) this.made -= 1;
  }

  /** A call under way at the end of a day may arrive in the next: it counts in both. */
  renew(): void {
    if (this.options.clock.now().getTime() < this.endsAt) return;
    this.endsAt = this.nextEnd();
    this.made = this.underWay;
    this.options.renewed();
  }

  private nextEnd(): number {
    const { clock, endOf } = this.options;
    return endOf === null ? Infinity : endOf(clock.now()).getTime();
  }
}
