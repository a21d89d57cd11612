import { spellFault, type Fault } from '../faults/fault.ts';
import {
  cardKey,
  emptyFixtures,
  registeredLongAgo,
  type CardFixture,
  type Fixtures,
  type MemberFixture,
  type SetUpFixture,
} from './fixtures.ts';
import type { StateChange, StateFile } from '../state-file.ts';

export interface TruthEntry {
  readonly userId: string;
  readonly par: string;
  /** ISO 8601, UTC. */
  readonly registeredAt: string;
}

interface UsedFaults {
  /** The script whose faults were used; null: an old state file did not say. */
  readonly script: string | null;
  readonly count: number;
}

/**
 * Keeps registrations with their times, and the used scripted faults. The state file overrides the fixtures: what
 * happened outweighs what was planned.
 */
export class Registry {
  private readonly happened = new Map<string, TruthEntry>();
  private readonly faultsUsed = new Map<string, UsedFaults>();
  private readonly file: StateFile;
  /** By PAR: the fixtures, overridden by what happened. */
  private known = new Map<string, TruthEntry>();
  /** PARs that a member holds, or held before something overrode that. */
  private parsOfUser = new Map<string, Set<string>>();
  private cards: ReadonlyMap<string, CardFixture> = new Map();
  private members: ReadonlyMap<string, MemberFixture> = new Map();
  private setUpFixture: SetUpFixture = emptyFixtures.setUp;

  constructor(fixtures: Fixtures, file: StateFile) {
    this.file = file;
    this.replaceFixtures(fixtures);
    for (const change of file.changes) this.apply(change);
  }

  get size(): number {
    return this.known.size;
  }

  /** What the platform refuses about the client's whole set-up. */
  get setUp(): SetUpFixture {
    return this.setUpFixture;
  }

  /**
   * Replaces the fixtures. What happened stays; only conditions, scripts and registrations of the old fixtures are
   * forgotten.
   */
  replaceFixtures(fixtures: Fixtures): void {
    this.cards = new Map(fixtures.cards.map((card) => [cardKey(card.par, card.user), card]));
    this.setUpFixture = fixtures.setUp;
    this.members = new Map(fixtures.members.map((member) => [member.user, member]));
    this.known = new Map();
    this.parsOfUser = new Map();
    for (const { user, par, registeredAt } of fixtures.registered) {
      this.know({ userId: user, par, registeredAt: registeredAt.toISOString() });
    }
    for (const entry of this.happened.values()) this.know(entry);
  }

  /** Uses up and returns the card's next scripted fault; where none is left, its firewall page, or null. */
  takeFault(userId: string, par: string): Fault | null {
    const card = this.card(userId, par);
    if (card === null) return null;
    return this.takeNext(cardKey(card.par, card.user), card.faults) ?? card.door;
  }

  /** Returns the message that replaces the page's for this card, or null. */
  messageOf(userId: string, par: string): string | null {
    return this.card(userId, par)?.message ?? null;
  }

  isUnknownMember(userId: string): boolean {
    return this.members.get(userId)?.isUnknown ?? false;
  }

  /** Does the same for a call that asks for the member's plans. */
  takeInquiryFault(userId: string): Fault | null {
    return this.takeNext(`plans of ${userId}`, this.members.get(userId)?.inquiryFaults ?? []);
  }

  /**
   * Processes a call and returns the code of its answer; a registration is kept before this returns. A problem of the
   * card decides first, then an existing plan, then a problem of the member.
   */
  register(userId: string, par: string, now: Date): string {
    const ofCard = this.card(userId, par)?.answer ?? null;
    if (ofCard !== null) return ofCard;
    const holder = this.known.get(par)?.userId;
    if (holder !== undefined) return holder === userId ? '007_017' : '007_012';
    const ofMember = this.members.get(userId)?.answer ?? null;
    if (ofMember !== null) return ofMember;
    this.keep({ kind: 'registered', userId, par, at: now.toISOString() });
    return '000_000';
  }

  entries(): TruthEntry[] {
    return Array.from(this.known.values());
  }

  entriesOf(userId: string): TruthEntry[] {
    const pars = Array.from(this.parsOfUser.get(userId) ?? []);
    return pars.flatMap((par) => this.known.get(par) ?? []).filter((entry) => entry.userId === userId);
  }

  private know(entry: TruthEntry): void {
    this.known.set(entry.par, entry);
    const pars = this.parsOfUser.get(entry.userId) ?? new Set();
    this.parsOfUser.set(entry.userId, pars.add(entry.par));
  }

  private card(userId: string, par: string): CardFixture | null {
    return this.cards.get(cardKey(par, userId)) ?? this.cards.get(cardKey(par, null)) ?? null;
  }

  /** Takes the next fault; a script that was changed begins anew. */
  private takeNext(key: string, faults: readonly Fault[]): Fault | null {
    const script = faults.map(spellFault).join(', ');
    const used = this.faultsUsed.get(key);
    const isOfThis = used !== undefined && (used.script === null || used.script === script);
    const fault = faults[isOfThis ? used.count : 0];
    if (fault === undefined) return null;
    this.keep({ kind: 'fault_used', card: key, script });
    return fault;
  }

  private keep(change: StateChange): void {
    this.file.append(change);
    this.apply(change);
  }

  private apply(change: StateChange): void {
    switch (change.kind) {
      case 'registered': {
        const { userId, par, at = registeredLongAgo.toISOString() } = change;
        const entry = { userId, par, registeredAt: at };
        this.happened.set(par, entry);
        this.know(entry);
        return;
      }
      case 'fault_used': {
        const used = this.faultsUsed.get(change.card);
        const script = change.script ?? null;
        const goesOn = used !== undefined && (used.script === null || used.script === script);
        this.faultsUsed.set(change.card, { script, count: goesOn ? used.count + 1 : 1 });
        return;
      }
      case 'encryption_keys':
        // The key ring handles these changes.
        return;
    }
  }
}
