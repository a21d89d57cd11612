import type { Outcome, StopRun } from '../../domain/outcome.ts';
import type { PlansAnswer, PlansFinding } from '../../konaplate/plans-inquiry.ts';
import type { SentCall } from '../../konaplate/provider-client.ts';
import type { LateEnd } from './setup-trust.ts';

/** What happens to a task after its call. */
export type CallStep<Item> =
  /** It needs no more calls; `class` is what progress counts it by. */
  | { readonly kind: 'final'; readonly class: string }
  /** It is called again as `item` after `delayMs`. `pauseMs`: how long all calls wait. */
  | { readonly kind: 'again'; readonly item: Item; readonly delayMs: number; readonly pauseMs: number }
  /** It is called once more, as `item`, after all others have come to their end. */
  | { readonly kind: 'last'; readonly item: Item }
  /** It is not called again, but has no end yet: a later call decides what its answer means. */
  | { readonly kind: 'held' }
  | StopRun;

/** What is known of a call as soon as its answer is here. */
export interface AnsweredCall<Step> {
  readonly sent: SentCall;
  readonly judged: Outcome | PlansFinding | PlansAnswer;
  readonly step: Step;
}

/** A call whose outcome is durable. */
export interface CalledEnd<Step> extends AnsweredCall<Step> {
  /** Records whose held answers this call has decided. */
  readonly late: readonly LateEnd[];
}

export type CallEnd<Step> =
  /** The call was taken back before its bytes left; the task is as it was. */
  | { readonly kind: 'withdrawn' }
  /** Another process has the record in hand; it was not called, and is met again where it is left. */
  | { readonly kind: 'left' }
  | (AnsweredCall<Step> & {
      readonly kind: 'answered';
      /** Writes the outcome. Call it once, and believe the outcome only when it resolves: then it is durable. */
      readonly record: () => Promise<CalledEnd<Step>>;
    });
