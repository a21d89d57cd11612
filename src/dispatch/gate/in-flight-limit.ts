import { isOverload, type CallSign } from './call-sign.ts';

/**
 * The price of a level: how many good answers it takes before that many calls are tried again. Each refusal at the
 * level doubles the price, and each good answer takes a twentieth off. So a level at which less than about 7 % are
 * refused costs one answer, and random refusals hold nothing back.
 */
const DEARER = 2;
const CHEAPER = 0.95;
const DEAREST = 256;
/** From this price on a level counts as refused and not as unlucky. */
const SURE = 8;

/** Fewer unanswered calls may be chance, or one bad machine among several. */
const IN_VAIN = 3;
/**
 * A good answer makes up for so much of an unanswered call, so that a time-out in every twentieth call halves nothing.
 */
const MADE_UP = 0.05;
/** An answer is slow where it takes this part of the time-out: its call has waited for others. */
const SLOW = 0.25;
const ANSWERS_REMEMBERED = 20;

/** A call that has its permit and is not over. */
export interface CallUnderWay {
  /** The call goes over a connection that has carried another call before. */
  heard(): void;
  end(sign: CallSign, now: number): void;
  /** The call is not made after all. */
  withdraw(): void;
}

/** A call that waits for a connection, or for the first answer of one. */
interface NewConnection {
  readonly at: number;
  /** True where a call that began later has been answered meanwhile. */
  isPassedOver: boolean;
}

interface Call {
  /** How many calls were under way with this one when it began. */
  readonly level: number;
  readonly at: number;
}

/**
 * Limits how many calls may be under way at once. A call that is refused for overload (429, 503, no connection) halves
 * the number that was under way when it began, and good answers raise it again one by one. A level is a number of calls
 * under way. A level that is refused again and again is tried ever more rarely, so that a gateway's limit on
 * connections is found and kept. Some gateways refuse nothing and let calls wait. They show in unanswered calls: new
 * connections that are not taken up while later calls are answered on others, and time-outs while answers are slow.
 * Where no call is answered, or all are answered quickly, the number of calls is not to blame. Times are monotonic
 * milliseconds.
 */
export class InFlightLimit {
  private readonly most: number;
  private readonly prices = new Map<number, number>();
  private readonly newConnections = new Set<NewConnection>();
  /** New connections in a row that were passed over. */
  private unheard = 0;
  /** Time-outs in a line, less what good answers have made up for. */
  private inLine = 0;
  private readonly answers: { readonly at: number; readonly tookMs: number }[] = [];
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

  /** A call begins, `level` of them are under way with it. */
  begin(level: number, at: number): CallUnderWay {
    const connection: NewConnection = { at, isPassedOver: false };
    const leave = (): boolean => this.newConnections.delete(connection);
    this.newConnections.add(connection);
    return {
      heard: leave,
      withdraw: leave,
      end: (sign, now) => {
        const isNew = leave();
        const call = { level, at };
        if (sign === 'sound') this.reward(call, isNew, now);
        else if (isOverload(sign) || this.isInVain(sign, connection, now)) this.refuse(call, now);
      },
    };
  }

  /** Tells whether a call that was given up is one of several that were too many. */
  private isInVain(sign: CallSign, { at, isPassedOver }: NewConnection, now: number): boolean {
    if (sign !== 'unheard' && sign !== 'timed_out') return false;
    if (sign === 'unheard' && isPassedOver) this.unheard += 1;
    if (this.isLine(at, now)) this.inLine += 1;
    return this.unheard >= IN_VAIN || this.inLine >= IN_VAIN;
  }

  /** Tells whether others were answered, and slowly, while a call waited in vain. */
  private isLine(at: number, now: number): boolean {
    const waitedMs = now - at;
    const meanwhile = this.answers.filter((answer) => answer.at > at + waitedMs / 2);
    const slow = meanwhile.filter(({ tookMs }) => tookMs > SLOW * waitedMs);
    return slow.length > meanwhile.length / 2;
  }

  private refuse({ level, at }: Call, now: number): void {
    this.prices.set(level, Math.min(DEAREST, this.priceOf(level) * DEARER));
    // Calls that began before the halving were too many then; they say nothing about the number now.
    if (at < this.halvedAt) return;
    this.limit = Math.max(1, Math.floor(Math.min(this.limit, level) / 2));
    this.halvedAt = now;
    this.goodAnswers = 0;
  }

  private reward(call: Call, isNew: boolean, now: number): void {
    if (isNew) this.unheard = 0;
    this.inLine = Math.max(0, this.inLine - MADE_UP);
    this.answers.push({ at: now, tookMs: now - call.at });
    if (this.answers.length > ANSWERS_REMEMBERED) this.answers.shift();
    // Not all calls under way are served, so their number proves nothing.
    if (this.hasPassedOver(call)) return;
    const price = this.prices.get(call.level);
    if (price !== undefined) this.prices.set(call.level, Math.max(1, price * CHEAPER));
    if (this.limit >= this.most) return;
    this.goodAnswers += 1;
    if (this.goodAnswers < this.priceOf(this.limit + 1)) return;
    this.limit += 1;
    this.goodAnswers = 0;
  }

  private hasPassedOver({ at }: Call): boolean {
    let hasOne = false;
    for (const connection of this.newConnections) {
      if (connection.at >= at) continue;
      connection.isPassedOver = true;
      hasOne = true;
    }
    return hasOne;
  }

  private priceOf(level: number): number {
    return this.prices.get(level) ?? 1;
  }
}
