import type { Clock } from '../../domain/clock.ts';
import { appendAudit, byPerson, type DeskPerson, type NewAuditEntry } from '../../ledger/desk/audit-trail.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { TurnLimit } from './turn-limit.ts';

const HOUR_MS = 3_600_000;
/** As long as a session of OpenID Connect lasts at most. */
const VISIT_MS = 12 * HOUR_MS;
/** Bounds the entries of an hour, so that nobody fills the trail by asking. The log of `serve` has every refusal. */
const MOST_REFUSALS_OF_PEOPLE = 60;
const MOST_REFUSALS_OF_NOBODY = 20;

/** The name in an entry about somebody who did not say, or did not prove, who they are. */
const SOMEBODY: DeskPerson = { name: 'unknown', account: null };

/**
 * Enters in the audit trail who came to the desk and who was refused. The same refusal is entered once an hour, and in all
 * at most a bounded number, by each process.
 */
export class PeopleTrail {
  private readonly ledger: Ledger;
  private readonly clock: Clock;
  private readonly entered = new Map<string, number>();
  private readonly ofPeople: TurnLimit;
  private readonly ofNobody: TurnLimit;

  constructor({ ledger, clock }: { readonly ledger: Ledger; readonly clock: Clock }) {
    this.ledger = ledger;
    this.clock = clock;
    this.ofPeople = new TurnLimit(clock, MOST_REFUSALS_OF_PEOPLE, HOUR_MS);
    this.ofNobody = new TurnLimit(clock, MOST_REFUSALS_OF_NOBODY, HOUR_MS);
  }

  /** Enters a person whom a proxy signed in, at their first request in twelve hours. */
  async came(person: DeskPerson): Promise<void> {
    await this.enter(VISIT_MS, null, { ...byPerson(person), what: 'signed_in', detail: 'by the proxy' });
  }

  /** Enters that a sign-in was refused. `person` is null where nobody was named, or was not believed. */
  async refusedSignIn(person: DeskPerson | null, why: string): Promise<void> {
    const limit = person === null ? this.ofNobody : this.ofPeople;
    await this.enter(HOUR_MS, limit, {
      ...byPerson(person ?? SOMEBODY),
      what: 'sign_in_refused',
      detail: why,
    });
  }

  /** Enters that a person was refused what they asked for. */
  async refused(person: DeskPerson, what: string, uploadId?: string): Promise<void> {
    const about = uploadId === undefined ? {} : { uploadId };
    await this.enter(HOUR_MS, this.ofPeople, {
      ...byPerson(person),
      what: 'not_allowed',
      ...about,
      detail: what,
    });
  }

  private async enter(
    againMs: number,
    limit: TurnLimit | null,
    entry: Omit<NewAuditEntry, 'at'>,
  ): Promise<void> {
    const key = JSON.stringify([entry.what, entry.who, entry.account, entry.uploadId, entry.detail]);
    const now = this.clock.monotonic();
    for (const [one, until] of this.entered) if (until <= now) this.entered.delete(one);
    if (this.entered.has(key) || limit?.take() === false) return;
    this.entered.set(key, now + againMs);
    try {
      await appendAudit(this.ledger, { ...entry, at: this.clock.now() });
    } catch (error) {
      this.entered.delete(key);
      throw error;
    }
  }
}
