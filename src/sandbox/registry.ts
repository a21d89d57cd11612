import type { Fault } from './fault.ts';
import { cardKey, type CardFixture, type Fixtures } from './fixtures.ts';
import type { StateChange, StateFile } from './state-file.ts';

export interface TruthEntry {
  readonly userId: string;
  readonly par: string;
}

/**
 * Who is registered, and which scripted faults are used up. Fixtures come first and the state file over them:
 * what happened outweighs what was planned.
 */
export class Registry {
  readonly #userOfPar = new Map<string, string>();
  readonly #faultsUsed = new Map<string, number>();
  readonly #cards: ReadonlyMap<string, CardFixture>;
  readonly #file: StateFile;

  constructor(fixtures: Fixtures, file: StateFile) {
    this.#cards = new Map(fixtures.cards.map((card) => [cardKey(card.par, card.user), card]));
    for (const { user, par } of fixtures.registered) this.#userOfPar.set(par, user);
    this.#file = file;
    for (const change of file.changes) this.#apply(change);
  }

  get size(): number {
    return this.#userOfPar.size;
  }

  /** Uses up and returns the card's next scripted fault, or null. */
  takeFault(userId: string, par: string): Fault | null {
    const card = this.#card(userId, par);
    if (card === null) return null;
    const key = cardKey(card.par, card.user);
    const fault = card.faults[this.#faultsUsed.get(key) ?? 0];
    if (fault === undefined) return null;
    this.#keep({ kind: 'fault_used', card: key });
    return fault;
  }

  /** Processes a call and returns the code of its answer; a registration is kept before this returns. */
  register(userId: string, par: string): string {
    const condition = this.#card(userId, par)?.answer ?? null;
    if (condition !== null) return condition;
    const holder = this.#userOfPar.get(par);
    if (holder !== undefined) return holder === userId ? '007_017' : '007_012';
    this.#keep({ kind: 'registered', userId, par });
    return '000_000';
  }

  entries(): TruthEntry[] {
    return Array.from(this.#userOfPar, ([par, userId]) => ({ userId, par }));
  }

  #card(userId: string, par: string): CardFixture | null {
    return this.#cards.get(cardKey(par, userId)) ?? this.#cards.get(cardKey(par, null)) ?? null;
  }

  #keep(change: StateChange): void {
    this.#file.append(change);
    this.#apply(change);
  }

  #apply(change: StateChange): void {
    switch (change.kind) {
      case 'registered':
        this.#userOfPar.set(change.par, change.userId);
        return;
      case 'fault_used':
        this.#faultsUsed.set(change.card, (this.#faultsUsed.get(change.card) ?? 0) + 1);
        return;
      case 'encryption_keys':
        // The key ring's.
        return;
    }
  }
}
