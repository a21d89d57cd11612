import type { Clock } from '../domain/clock.ts';
import type { AnsweredCall, CallStep } from './call/call-end.ts';
import type { SharedPauseReason } from './gate/gate-pause.ts';
import { createAvailabilityWatch, replyWords, type AvailabilityWatch } from './guards/availability.ts';
import type { BreakerRules } from './guards/circuit-breaker.ts';
import { createClockWatch, describeClocks } from './guards/clock-watch.ts';
import { readComeBack } from './guards/come-back.ts';
import { EchoWatch } from './guards/echo-watch.ts';
import { SilenceNews, type AvailabilityNews } from './guards/silence-news.ts';
import type { StopReason } from './guards/stop-reason.ts';
import type { StopTime } from './windows/call-hours.ts';

/** What an answer means for all calls, whatever it means for its own record. */
export type AnswerFinding =
  | { readonly kind: 'warn'; readonly sentence: string }
  | { readonly kind: 'pause'; readonly pauseMs: number; readonly why: SharedPauseReason }
  | { readonly kind: 'stop'; readonly reason: StopReason };

export interface AnswerWatchOptions {
  readonly breaker: BreakerRules;
  readonly clock: Clock;
  readonly stopAt: StopTime | null;
  readonly onAvailability: (news: AvailabilityNews) => void;
}

/** Reads from each answer whether the provider is there, asks us to wait, refuses us, or has another time. */
export class AnswerWatch {
  private readonly options: AnswerWatchOptions;
  private readonly availability: AvailabilityWatch;
  private readonly silence: SilenceNews;
  private readonly clocks = createClockWatch();
  private readonly echoes = new EchoWatch();

  constructor(options: AnswerWatchOptions) {
    this.options = options;
    this.availability = createAvailabilityWatch(options.breaker);
    this.silence = new SilenceNews(options.onAvailability);
  }

  /** The provider has been silent: only one call at a time may ask whether it is back. */
  get isDoubtful(): boolean {
    return this.availability.isDoubtful;
  }

  /** See AvailabilityWatch. */
  atEnd(): string | null {
    return this.availability.atEnd();
  }

  /** `isProbe`: the call was begun while `isDoubtful`. */
  observe(answer: AnsweredCall<CallStep<unknown>>, isProbe: boolean): readonly AnswerFinding[] {
    return [
      this.echoes.observe(answer.sent),
      this.findAvailability(answer, isProbe),
      this.findInStep(answer),
      this.findComeBack(answer),
      this.findClock(answer),
    ].filter((finding) => finding !== null);
  }

  private findAvailability(
    { sent: { reply }, judged }: AnsweredCall<unknown>,
    isProbe: boolean,
  ): AnswerFinding | null {
    const at = this.options.clock.monotonic();
    const found = this.availability.observe({ reply, judged, at, isProbe });
    this.silence.observe(this.isDoubtful, replyWords(reply), at);
    if (found.kind === 'pause') return { kind: 'pause', pauseMs: found.pauseMs, why: 'breaker' };
    return found.kind === 'unavailable' ? { kind: 'stop', reason: { ...found, kind: 'provider' } } : null;
  }

  private findInStep({ sent, step }: AnsweredCall<CallStep<unknown>>): AnswerFinding | null {
    if (step.kind === 'again' && step.pauseMs > 0) {
      return { kind: 'pause', pauseMs: step.pauseMs, why: 'throttled' };
    }
    if (step.kind !== 'stop_run') return null;
    // A wrong clock may be the reason why our signature is refused.
    const clocks = describeClocks(sent, this.options.clock.now());
    const sentence = clocks === null ? step.sentence : `${step.sentence} Mind that ${clocks}.`;
    return { kind: 'stop', reason: { kind: 'provider', cause: step.cause, sentence } };
  }

  /** Also of an answer whose record is through: it speaks to everybody. */
  private findComeBack({ sent: { reply } }: AnsweredCall<unknown>): AnswerFinding | null {
    const asked = readComeBack(reply, this.options.clock.now(), this.options.stopAt);
    if (asked.kind === 'pause') return { ...asked, why: 'throttled' };
    return asked.kind === 'stop' ? asked : null;
  }

  private findClock({ sent }: AnsweredCall<unknown>): AnswerFinding | null {
    const found = this.clocks.observe(sent, this.options.clock.now());
    if (found?.kind !== 'stop') return found === null ? null : { kind: 'warn', sentence: found.sentence };
    return { kind: 'stop', reason: { kind: 'limit', cause: 'clock', sentence: found.sentence } };
  }
}
