import pLimit, { type LimitFunction } from 'p-limit';
import { createAvailabilityWatch, replyWords, type AvailabilityWatch } from './guards/availability.ts';
import { SilenceNews } from './guards/silence-news.ts';
import type { CallEnd, CalledEnd, CallStep } from './call/call-end.ts';
import { EchoWatch } from './guards/echo-watch.ts';
import { readComeBack } from './guards/come-back.ts';
import { createClockWatch, describeClocks } from './guards/clock-watch.ts';
import type { PauseReason } from './progress/dispatch-progress.ts';
import type { SharedPauseReason } from './gate/gate-pause.ts';
import { stateNow, type NotedPause } from './dispatch-state.ts';
import { badnessOf, isOfGuard, reasonOf, type StopReason } from './guards/stop-reason.ts';
import { keepWindows, untilOpen } from './windows/window-keeper.ts';
import { createWallClockWatch, type WallClockWatch } from './guards/wall-clock-watch.ts';
import type { DispatchOptions } from './dispatch-options.ts';

/** How long nobody sends while the job's lock is in doubt; then it is looked at again. */
const LEASE_DOUBT_MS = 500;
/** The wall clock is looked at with each call, and this often while none is made. */
const CLOCK_CHECK_MS = 60_000;

/** Calls for everything in the queue. Null when it came to its end; nothing is in flight either way. */
export async function dispatch<Item, Step extends CallStep<Item>>(
  options: DispatchOptions<Item, Step>,
): Promise<StopReason | null> {
  return await new Dispatcher(options).run();
}

/**
 * The one loop around calls of any kind: keeps the slots full, follows what each call says, stops for a reason. A slot is held
 * until its outcome is durable, so at most `concurrency` outcomes wait for a ledger that is slow or gone: then no slot is
 * left and nothing is sent until some are written. That is half of the 2 × concurrency which may wait, and needs no count.
 */
class Dispatcher<Item, Step extends CallStep<Item>> {
  private readonly options: DispatchOptions<Item, Step>;
  private readonly slots: LimitFunction;
  private readonly watch: AvailabilityWatch;
  private readonly clocks = createClockWatch();
  private readonly echoes = new EchoWatch();
  private readonly wallClock: WallClockWatch;
  private readonly silence: SilenceNews;
  private readonly stopping = new AbortController();
  private readonly final: Record<string, number> = {};
  private calls = 0;
  private inFlight = 0;
  private freed = Promise.withResolvers<void>();
  private reason: StopReason | null = null;
  private pause: NotedPause | null = null;

  constructor(options: DispatchOptions<Item, Step>) {
    this.options = options;
    this.slots = pLimit(options.concurrency);
    this.silence = new SilenceNews(options.onAvailability);
    this.watch = createAvailabilityWatch(options.breaker);
    this.wallClock = createWallClockWatch(options.clock);
  }

  async run(): Promise<StopReason | null> {
    const { stop } = this.options;
    const askedToStop = (): void => {
      this.stop({ kind: 'asked' });
    };
    if (stop.aborted) askedToStop();
    stop.addEventListener('abort', askedToStop, { once: true });
    const ended = new AbortController();
    const keeping = Promise.all([this.keepWindows(ended.signal), this.keepClock(ended.signal)]);
    try {
      await this.feed();
      await this.untilFewer(1);
      const silence = this.reason === null ? this.watch.atEnd() : null;
      if (silence !== null) this.stop({ kind: 'provider', cause: 'provider_silent', sentence: silence });
      if (this.reason === null || isOfGuard(this.reason)) this.stopInDoubt();
    } catch (error) {
      this.stop(reasonOf(error));
    } finally {
      await this.untilFewer(1);
      ended.abort();
      await keeping;
      stop.removeEventListener('abort', askedToStop);
      this.tellProgress();
    }
    return this.reason;
  }

  private async keepWindows(ended: AbortSignal): Promise<void> {
    const { windows, stopAt, clock, gate } = this.options;
    await keepWindows(
      {
        closed: (until) => {
          // Whoever waits for a permit lets go of its record, which would be `sending` all the while.
          gate.pause(0);
          this.notePause(until, 'blackout');
        },
        opened: () => {
          this.tellProgress();
        },
        stopped: () => {
          if (stopAt !== null) this.stop({ kind: 'limit', cause: 'stop_at', sentence: stopAt.sentence });
        },
      },
      { windows, stopAt: stopAt?.at ?? null, clock, ended },
    );
  }

  private async keepClock(ended: AbortSignal): Promise<void> {
    while (!ended.aborted && this.isClockRight()) await this.options.clock.sleep(CLOCK_CHECK_MS, ended);
  }

  /** Stops the run where the wall clock has jumped. */
  private isClockRight(): boolean {
    const jump = this.wallClock.check();
    if (jump !== null) this.stop({ kind: 'limit', cause: 'clock', sentence: jump });
    return jump === null;
  }

  private pauseFor(milliseconds: number, why: SharedPauseReason): void {
    const { gate, clock, onPause } = this.options;
    gate.pause(milliseconds, why);
    onPause(milliseconds, why);
    this.notePause(new Date(clock.now().getTime() + milliseconds), why);
  }

  private notePause(until: Date, why: PauseReason): void {
    if (this.pause === null || this.pause.until < until) this.pause = { until, why };
    this.tellProgress();
  }

  /** Calls in flight may bring a worse reason than the one that stopped the run: the worst is told, as by exit codes. */
  private stop(reason: StopReason): void {
    if (this.reason === null || badnessOf(reason) > badnessOf(this.reason)) this.reason = reason;
    this.stopping.abort();
  }

  private async feed(): Promise<void> {
    const { gate, queue, windows, clock } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await untilOpen(windows, clock, signal);
      // Another process may have been told of the pause.
      if (gate.pauseWhy !== null) this.tellProgress();
      await gate.untilOpen(signal);
      if (!this.isClockRight()) return;
      if (this.inFlight >= this.most) {
        await this.freed.promise;
        continue;
      }
      const work = await queue.next(signal);
      if (work === null) return;
      const spent = gate.spent();
      if (spent !== null) {
        queue.again(work, 0);
        // A call under way that turns out not to have been made leaves room for another.
        if (this.inFlight > 0) await this.freed.promise;
        else this.stop({ kind: 'limit', ...spent });
        continue;
      }
      // The provider may have fallen silent, or the clock have been put elsewhere, while this one was waited for.
      if (this.inFlight < this.most && this.isClockRight()) this.begin(work);
      else queue.again(work, 0);
    }
  }

  /** Calls were answered 000_002 and nothing has proved our set-up: nobody can say whose fault that is. */
  private stopInDoubt(): void {
    const { sentence } = this.options.doubt;
    if (sentence !== null) this.stop({ kind: 'provider', cause: 'wrong_setup', sentence });
  }

  private get most(): number {
    if (this.options.doubt.isFull) return 0;
    return this.watch.isDoubtful ? 1 : this.options.concurrency;
  }

  private begin(work: Item): void {
    const isProbe = this.watch.isDoubtful;
    this.inFlight += 1;
    this.tellProgress();
    void this.slots(() => this.call(work, isProbe)).then(() => {
      this.inFlight -= 1;
      // Those that were under way may have brought the proof.
      if (this.options.doubt.isFull && this.inFlight === 0) this.stopInDoubt();
      this.freed.resolve();
      this.freed = Promise.withResolvers<void>();
    });
  }

  private async untilFewer(count: number): Promise<void> {
    while (this.inFlight >= count) await this.freed.promise;
  }

  private async call(work: Item, isProbe: boolean): Promise<void> {
    try {
      this.follow(work, await this.options.call(work, this.stopping.signal), isProbe);
    } catch (error) {
      this.stop(reasonOf(error));
    }
  }

  private follow(work: Item, end: CallEnd<Step>, isProbe: boolean): void {
    const { queue, isLeaseFresh, gate, weighing } = this.options;
    if (end.kind === 'withdrawn') {
      // Everybody waits, or record after record would be marked and taken back as fast as the ledger can.
      if (!isLeaseFresh()) gate.pause(LEASE_DOUBT_MS);
      queue.again(work, 0);
      return;
    }
    this.calls += 1;
    this.options.pace.note(end.sent.latencyMs);
    const echo = this.echoes.note(end.sent);
    if (echo?.kind === 'warn') this.options.onWarning(echo.sentence);
    if (echo?.kind === 'stop') this.stop(echo.reason);
    this.followAvailability(end, isProbe);
    this.followStep(end);
    this.followComeBack(end.sent);
    for (const late of end.late) this.final[late.class] = (this.final[late.class] ?? 0) + 1;
    for (const reason of weighing.note(work, end)) this.stop(reason);
    this.followClock(end);
    this.tellProgress();
  }

  private followAvailability({ sent: { reply }, judged }: CalledEnd<Step>, isProbe: boolean): void {
    const availability = this.watch.note({ reply, judged, at: this.options.clock.monotonic(), isProbe });
    this.silence.note(this.watch.isDoubtful, replyWords(reply), this.options.clock.monotonic());
    if (availability.kind === 'pause') this.pauseFor(availability.pauseMs, 'breaker');
    if (availability.kind === 'unavailable') this.stop({ ...availability, kind: 'provider' });
  }

  private followStep({ sent, step }: CalledEnd<CallStep<Item>>): void {
    const { queue } = this.options;
    switch (step.kind) {
      case 'final':
        this.final[step.class] = (this.final[step.class] ?? 0) + 1;
        queue.done();
        return;
      case 'stop_run':
        this.stop({ kind: 'provider', cause: step.cause, sentence: this.withClocks(step.sentence, sent) });
        queue.done();
        return;
      case 'again':
        if (step.pauseMs > 0) this.pauseFor(step.pauseMs, 'throttled');
        queue.again(step.item, step.delayMs);
        return;
      case 'last':
        queue.last(step.item);
        return;
      case 'held':
        queue.done();
    }
  }

  /** Also of an answer whose record is through: it speaks to everybody. */
  private followComeBack({ reply }: CalledEnd<Step>['sent']): void {
    const asked = readComeBack(reply, this.options.clock.now(), this.options.stopAt);
    if (asked.kind === 'pause') this.pauseFor(asked.pauseMs, 'throttled');
    if (asked.kind === 'stop') this.stop(asked.reason);
  }

  private followClock({ sent }: CalledEnd<Step>): void {
    const finding = this.clocks.note(sent, this.options.clock.now());
    if (finding?.kind === 'warn') this.options.onWarning(finding.sentence);
    if (finding?.kind === 'stop') this.stop({ kind: 'limit', cause: 'clock', sentence: finding.sentence });
  }

  /** A clock that is off may be why a signature is refused. */
  private withClocks(sentence: string, sent: CalledEnd<Step>['sent']): string {
    const clocks = describeClocks(sent, this.options.clock.now());
    return clocks === null ? sentence : `${sentence} Mind that ${clocks}.`;
  }

  private tellProgress(): void {
    this.options.onProgress({
      calls: this.calls,
      inFlight: this.inFlight,
      delayed: this.options.queue.delayed,
      final: this.final,
      state: stateNow(this.pause, this.options),
    });
  }
}
