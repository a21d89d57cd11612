import type { Clock } from '../domain/clock.ts';
import { sleepUnlessChanged } from '../domain/time/sleep.ts';
import { Waker } from './waker.ts';

interface Delayed<Item> {
  readonly item: Item;
  readonly due: number;
}

/** With so many tasks on their way no new records are claimed, so that a struggling provider costs no memory. */
const MOST_OPEN = 5_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Claims records from the ledger in sets, keeps tasks that are called again by their time, and hands out one at a time.
 * A task that is due goes before one that was never called. But two repeated tasks never go in a row while there is one
 * that was never called, so that a list full of trouble does not hold up the rest. For one reader.
 */
export class TaskQueue<Item> {
  private readonly fresh: Item[] = [];
  /** Soonest first. */
  private readonly waiting: Delayed<Item>[] = [];
  /** Tasks that are called once more when nothing else is left. */
  private readonly lasts: Item[] = [];
  private isExhausted = false;
  private wasLastAgain = false;
  private open = 0;
  private readonly changed = new Waker();
  private readonly clock: Clock;
  private readonly claim: () => Promise<readonly Item[] | null>;

  /** `claim` gives the next set, or null when the list has no more for this run. */
  constructor(clock: Clock, claim: () => Promise<readonly Item[] | null>) {
    this.clock = clock;
    this.claim = claim;
  }

  /** Records that wait for their next attempt. */
  get delayed(): number {
    return this.waiting.length + this.lasts.length;
  }

  /** The next record whose time has come; waits for delayed ones. Null when none will come, or `signal` aborted. */
  async next(signal: AbortSignal): Promise<Item | null> {
    while (!signal.aborted) {
      const due = this.wasLastAgain ? null : this.takeDue();
      if (due !== null) return due;
      await this.claimMore();
      const task = this.takeFresh() ?? this.takeDue() ?? this.takeLast();
      if (task !== null) return task;
      if (this.isExhausted && this.open === 0) return null;
      if (this.isExhausted || this.open >= MOST_OPEN) await this.waitForChange(signal);
    }
    return null;
  }

  /** Puts a task back; with a delay of 0 it goes before all that were never called. */
  again(item: Item, delayMs: number): void {
    const entry = { item, due: this.clock.monotonic() + delayMs };
    const place = this.waiting.findLastIndex((other) => other.due <= entry.due) + 1;
    this.waiting.splice(place, 0, entry);
    this.wake();
  }

  /** Puts a task back behind all others that are there or will come. */
  last(item: Item): void {
    this.lasts.push(item);
    this.wake();
  }

  /** Tells that a task which `next` gave needs no more calls. */
  done(): void {
    this.open -= 1;
    this.wake();
  }

  /** Tells that another process has the record of a task by now. When it is released, a claim brings it again. */
  left(): void {
    this.isExhausted = false;
    this.done();
  }

  private takeDue(): Item | null {
    const [first] = this.waiting;
    if (first === undefined || first.due > this.clock.monotonic()) return null;
    this.waiting.shift();
    this.wasLastAgain = true;
    return first.item;
  }

  private takeFresh(): Item | null {
    const item = this.fresh.shift();
    if (item === undefined) return null;
    this.open += 1;
    this.wasLastAgain = false;
    return item;
  }

  /** Returns such a task only when no other is on its way and no claim has given any. */
  private takeLast(): Item | null {
    return this.open > this.lasts.length ? null : (this.lasts.shift() ?? null);
  }

  private async claimMore(): Promise<void> {
    if (this.fresh.length > 0 || this.isExhausted || this.open >= MOST_OPEN) return;
    const set = await this.claim();
    if (set === null) this.isExhausted = true;
    else this.fresh.push(...set);
  }

  private wake(): void {
    this.changed.wake();
  }

  private async waitForChange(signal: AbortSignal): Promise<void> {
    const [first] = this.waiting;
    const due = first === undefined ? LONGEST_WAIT_MS : first.due - this.clock.monotonic();
    await sleepUnlessChanged(this.clock, Math.min(due, LONGEST_WAIT_MS), {
      changed: this.changed.next,
      signal,
    });
  }
}
