import { isOverload, type CallVerdict } from '../call/call-verdict.ts';

/**
 * How many good answers a level costs before it is tried: each refusal there doubles the price, each good answer takes
 * a twentieth off it. Levels at which fewer than some 7 % are refused therefore cost one answer, and random refusals
 * hold nothing back.
 */
const DEARER = 2;
const CHEAPER = 0.95;
const DEAREST = 256;
/** From here on a level counts as refused, not as unlucky. */
const SURE = 8;

/**
 * How many calls may be under way at once. A call that is refused for overload (429, 503, no connection) halves what
 * was under way when it left; good answers give it back one by one. A level, which is a number of calls under way, that
 * was refused again and again is tried ever more rarely, so that a gateway's limit on connections is found and kept to.
 */
export class InFlightLimit {
  private readonly most: number;
  private readonly prices = new Map<number, number>();
  private limit: number;
  private goodAnswers = 0;
  private halvedAt = -Infinity;

  constructor(most: number) {
    this.most = most;
    this.limit = most;
  }

  get allowed(): number {
    return this.limit;
  }

  /**
   * The most that the provider bears, where calls were refused beyond it and not below; else null: either nothing was
   * refused, or calls are refused however few they are, which is not for their number.
   */
  get learnt(): number | null {
    if (this.priceOf(1) >= DEARER) return null;
    const refused = [...this.prices].flatMap(([level, price]) => (price >= SURE ? [level] : []));
    return refused.length === 0 ? null : Math.min(...refused) - 1;
  }

  /** A call is over that left at `leftAt`, then one of `level` under way. Times are monotonic milliseconds. */
  note(verdict: CallVerdict, level: number, leftAt: number, now: number): void {
    if (isOverload(verdict)) this.refuse(level, leftAt, now);
    else if (verdict === 'sound') this.reward(level);
  }

  private refuse(level: number, leftAt: number, now: number): void {
    this.prices.set(level, Math.min(DEAREST, this.priceOf(level) * DEARER));
    // Those that left before the halving were too many then, not now.
    if (leftAt < this.halvedAt) return;
    this.limit = Math.max(1, Math.floor(Math.min(this.limit, level) / 2));
    this.halvedAt = now;
    this.goodAnswers = 0;
  }

  private reward(level: number): void {
    const price = this.prices.get(level);
    if (price !== undefined) this.prices.set(level, Math.max(1, price * CHEAPER));
    if (this.limit >= this.most) return;
    this.goodAnswers += 1;
    if (this.goodAnswers < this.priceOf(this.limit + 1)) return;
    this.limit += 1;
    this.goodAnswers = 0;
  }

  private priceOf(level: number): number {
    return this.prices.get(level) ?? 1;
  }
}
