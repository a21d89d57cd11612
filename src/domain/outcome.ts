import type { CallClass } from './class.ts';
import type { ProviderCause } from './exit-cause.ts';

/** What a call asks of the provider: to register a member's card, or which plans a member has. */
export type CallKind = 'register' | 'plans';

/** What came back of one call, before any judgement. */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      /** `response.code`, or null where the body has none we can read. */
      readonly code: string | null;
      /** Why no code could be read, in one clause for people; null exactly where there is a code. */
      readonly unread: string | null;
      /** The provider's own words, capped, control characters removed. Untrusted text. */
      readonly message: string | null;
      /** Raw body, capped. */
      readonly raw: string;
      /** Retry-After in milliseconds from the answer's arrival, or null. */
      readonly retryAfterMs: number | null;
    }
  | {
      /** Surely not processed: refused, DNS, TLS or connect time-out before a byte of the request left. */
      readonly kind: 'not_sent';
      readonly error: string;
      /** Set where the next connection would only meet the same. */
      readonly setUpFault?: SetUpFault;
    }
  | {
      /** May have taken effect: the request left, or may have, and no whole answer came back. */
      readonly kind: 'no_answer';
      readonly httpStatus: number | null;
      readonly error: string;
      /** Retry-After of an answer whose body broke off, in milliseconds from its arrival. */
      readonly retryAfterMs?: number;
    };

/** What keeps connections from being made until somebody mends it: a certificate, a protocol, a proxy's refusal. */
export interface SetUpFault {
  readonly cause: ProviderCause;
  /** For people, with what to do. */
  readonly sentence: string;
}

/** What a reply means for the record. */
export type Outcome =
  | BelievedOutcome
  /** 000_002 where our set-up is not proved: it may speak of the row or of us, so nobody is blamed yet. */
  | { readonly kind: 'held' };

/** What a reply means where the set-up is known to be right. */
export type BelievedOutcome =
  /** The provider decided; the record is not called again in this run. */
  | { readonly kind: 'settled'; readonly class: Exclude<CallClass, 'ambiguous' | 'transient'> }
  /** May be called again in this run. `ambiguous` may have taken effect, `transient` surely has not. */
  | { readonly kind: 'unsettled'; readonly class: 'ambiguous' | 'transient' }
  /** HTTP 429: not processed and costs no attempt; everybody waits. */
  | { readonly kind: 'throttled'; readonly class: 'transient'; readonly retryAfterMs: number | null }
  /** Says nothing of the record: credentials refused, a wrong address, or a set-up of ours that is not accepted. */
  | StopRun;

/** The run ends with it: the next record would only meet the same. */
export interface StopRun {
  readonly kind: 'stop_run';
  /** `door`: the HTTP status says it, so a gateway may have meant this one record; `setup`: the code says it. */
  readonly by: 'door' | 'setup';
  readonly cause: ProviderCause;
  readonly sentence: string;
}
