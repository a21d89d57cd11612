import type { CallClass } from './class.ts';
import type { ProviderCause } from './exit-cause.ts';

/** What a call asks the provider for: to register a member's card, or which plans a member has. */
export type CallKind = 'register' | 'plans';

/** What came back for one call, before any judgement. */
export type Reply =
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      /** `response.code`, or null where the body has none we can read. */
      readonly code: string | null;
      /** Why no code could be read, as one clause for people; null exactly where there is a code. */
      readonly unread: string | null;
      /** The provider's own words, capped, control characters removed. Untrusted text. */
      readonly message: string | null;
      /** Raw body, capped. */
      readonly raw: string;
      /** Retry-After in milliseconds from the answer's arrival, or null. */
      readonly retryAfterMs: number | null;
    }
  | {
      /**
       * The call was surely not processed: the connection was refused, or DNS, TLS or connecting failed before a byte
       * of the request left.
       */
      readonly kind: 'not_sent';
      readonly error: string;
      /** Set where the next connection would fail in the same way. */
      readonly setUpFault?: SetUpFault;
    }
  | {
      /** The call may have taken effect: the request left, or may have, and no complete answer came back. */
      readonly kind: 'no_answer';
      readonly httpStatus: number | null;
      readonly error: string;
      /** Retry-After of an answer whose body broke off, in milliseconds from the answer's arrival. */
      readonly retryAfterMs?: number;
    };

/**
 * A fault that keeps connections from being made until somebody corrects it: a certificate, a protocol, a proxy's
 * refusal.
 */
export interface SetUpFault {
  readonly cause: ProviderCause;
  /** A sentence for people, with what to do. */
  readonly sentence: string;
}

/** What a reply means for the record. */
export type Outcome =
  | BelievedOutcome
  /**
   * The provider answered 000_002 while our set-up is not proved. It may mean the row or our set-up, so neither is
   * blamed yet.
   */
  | { readonly kind: 'held' };

/** What a reply means where the set-up is known to be correct. */
export type BelievedOutcome =
  /** The provider decided. The record is not called again in this run. */
  | { readonly kind: 'settled'; readonly class: Exclude<CallClass, 'ambiguous' | 'transient'> }
  /** The record may be called again in this run. `ambiguous` may have taken effect, `transient` surely has not. */
  | { readonly kind: 'unsettled'; readonly class: 'ambiguous' | 'transient' }
  /** HTTP 429: not processed and costs no attempt; everybody waits. */
  | { readonly kind: 'throttled'; readonly class: 'transient'; readonly retryAfterMs: number | null }
  /**
   * The reply says nothing about the record: credentials were refused, the address is wrong, or our set-up is not
   * accepted.
   */
  | StopRun;

/** The run ends, because the next record would get the same answer. */
export interface StopRun {
  readonly kind: 'stop_run';
  /** `door`: the HTTP status says so, and a gateway may have meant this one record; `setup`: the code says so. */
  readonly by: 'door' | 'setup';
  readonly cause: ProviderCause;
  readonly sentence: string;
}
