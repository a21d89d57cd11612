import type { Outcome, StopRun } from '../../domain/outcome.ts';
import type { PlansAnswer, PlansFinding } from '../../konaplate/plans-inquiry.ts';
import type { SentCall } from '../../konaplate/provider-client.ts';
import type { LateEnd } from './setup-trust.ts';

/** What happens to a task after its call. */
export type CallStep<Item> =
  /** It needs no more calls; `class` is what progress counts it by. */
  | { readonly kind: 'final'; readonly class: string }
  /** Again as `item` after `delayMs`; `pauseMs` is how long everybody has to wait. */
  | { readonly kind: 'again'; readonly item: Item; readonly delayMs: number; readonly pauseMs: number }
  /** Once more, as `item`, when all others are through. */
  | { readonly kind: 'last'; readonly item: Item }
  /** Nothing more to call for it, and no end yet: a later call decides what its answer means. */
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
  /** Taken back before its bytes left: the task is as it was. */
  | { readonly kind: 'withdrawn' }
  /** Another process has the record in hand; it was not called, and is met again where it is left. */
  | { readonly kind: 'left' }
  | (AnsweredCall<Step> & {
      readonly kind: 'answered';
      /** Writes the outcome; call it once. Resolves when it is durable, and only then is it believed. */
      readonly record: () => Promise<CalledEnd<Step>>;
    });
