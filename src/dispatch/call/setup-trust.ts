import type { CallClass } from '../../domain/class.ts';
import type { Reply } from '../../domain/outcome.ts';
import { provesSetup, type AnswerContext } from '../../konaplate/outcome-rules.ts';

/** Remembers whether an answer to this process has proved our set-up, over all lists of its job. */
export class SetupProof {
  private proved = false;

  get isThere(): boolean {
    return this.proved;
  }

  observe(reply: Reply): void {
    this.proved ||= provesSetup(reply);
  }
}

/** A registration whose 000_002 is not believed yet. It is recorded, and its row waits. */
export interface HeldCall {
  readonly recordNo: string;
  readonly correlationId: string;
}

/** A record whose end came with the call of another record. */
export interface LateEnd {
  readonly recordNo: string;
  readonly class: CallClass;
}

/** So many answers without a proof can't be chance any more; source: PROVIDER, "Whose fault is 000_002?". */
const MOST_HELD = 20;

/**
 * Tells the dispatcher when so many answers wait for a proof that no further call may begin, and why the run stops if
 * they still wait at its end.
 */
export interface Doubt {
  /** True where enough answers wait: no call may begin until those under way have brought a proof. */
  readonly isFull: boolean;
  /** Why the run stops where calls wait that nothing proved; null where none waits. */
  readonly sentence: string | null;
}

/** For tasks whose answers never wait for a proof. */
export const noDoubt: Doubt = { isFull: false, sentence: null };

export interface TrustTerms {
  readonly proof: SetupProof;
  /** A proof under the same set-up stands in the ledger, and this run may rely on it. */
  readonly isProvedBefore: boolean;
  /** `--yes`: a person says that the rows really are wrong. */
  readonly isVouched: boolean;
}

/** Decides whether a run may believe 000_002 for its rows, and keeps the calls that wait for that decision. */
export class SetupTrust implements Doubt {
  private readonly terms: TrustTerms;
  private held: HeldCall[] = [];
  private unknownCodes = 0;

  constructor(terms: TrustTerms) {
    this.terms = terms;
  }

  get isProved(): boolean {
    return this.terms.isProvedBefore || this.terms.proof.isThere;
  }

  get setup(): AnswerContext['setup'] {
    if (this.isProved) return 'proved';
    return this.terms.isVouched ? 'vouched' : 'unproved';
  }

  get isFull(): boolean {
    return !this.isProved && this.held.length >= MOST_HELD;
  }

  get sentence(): string | null {
    const count = this.held.length;
    if (count === 0 || this.isProved) return null;
    const answers = count === 1 ? '1 answer 000_002' : `${count} answers 000_002`;
    const unknown = this.unknownCodes === 0 ? '' : `, ${this.unknownCodes} with unknown codes`;
    return (
      'the provider refuses every call: key id, keys, header or address, or every row really is wrong ' +
      `(${answers}${unknown}, none that proves our set-up); check KONA_CRYPTO_KEY_ID, the keys, KONA_ASP_ID and KONA_BASE_URL; ` +
      'where the rows really are wrong the same command with --yes makes bad_data of them'
    );
  }

  /** An answer to a registration, before it is judged. */
  observe(reply: Reply): void {
    this.terms.proof.observe(reply);
  }

  noteUnknownCode(): void {
    this.unknownCodes += 1;
  }

  hold(call: HeldCall): void {
    this.held.push(call);
  }

  /** The calls that a proof has decided, each once; none while there is no proof. */
  takeProved(): readonly HeldCall[] {
    if (!this.isProved || this.held.length === 0) return [];
    const { held } = this;
    this.held = [];
    return held;
  }
}
