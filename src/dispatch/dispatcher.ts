import pLimit, { type LimitFunction } from 'p-limit';
import { AnswerWatch } from './answer-watch.ts';
import type { CallEnd, CallStep } from './call/call-end.ts';
import type { PauseReason } from './progress/dispatch-progress.ts';
import type { SharedPauseReason } from './gate/gate-pause.ts';
import { stateNow, type NotedPause } from './dispatch-state.ts';
import { badnessOf, isOfGuard, reasonOf, type StopReason } from './guards/stop-reason.ts';
import { keepHours, untilOpen } from './windows/hours-keeper.ts';
import { createWallClockWatch, type WallClockWatch } from './guards/wall-clock-watch.ts';
import type { DispatchOptions } from './dispatch-options.ts';
import { Waker } from './waker.ts';

type Answered<Step> = Extract<CallEnd<Step>, { readonly kind: 'answered' }>;

/** How long nothing is sent while the job's lock is in doubt, until it is checked again. */
const LOCK_DOUBT_MS = 500;
/** The wall clock is checked with each call, and so often while no call is made. */
const CLOCK_CHECK_MS = 60_000;

/** Calls all tasks of the queue. Resolves with the reason for an early end, or null; no call is in flight then. */
export async function dispatch<Item, Step extends CallStep<Item>>(
  options: DispatchOptions<Item, Step>,
): Promise<StopReason | null> {
  return await new Dispatcher(options).run();
}

/**
 * The one loop around calls of any kind. It keeps the slots full, obeys what each call says, and stops for a reason.
 *
 * A slot ends with the answer. The outcome then waits for the ledger outside the slot. There are as many waiting places
 * as slots, and an answer keeps its slot until it has a place. So at most 2 × `concurrency` records are sending, and
 * while the ledger is slow or gone no slot becomes free and nothing is sent. An answer that means trouble keeps its
 * slot until it is durable and weighed, so that no further call leaves after a guard has seen enough.
 */
class Dispatcher<Item, Step extends CallStep<Item>> {
  private readonly options: DispatchOptions<Item, Step>;
  /** Calls under way. */
  private readonly slots: LimitFunction;
  /** Answers that are not durable yet. */
  private readonly outcomes: LimitFunction;
  private readonly watch: AnswerWatch;
  private readonly wallClock: WallClockWatch;
  private readonly stopping = new AbortController();
  private readonly final: Record<string, number> = {};
  private calls = 0;
  private readonly freed = new Waker();
  private reason: StopReason | null = null;
  private pause: NotedPause | null = null;

  constructor(options: DispatchOptions<Item, Step>) {
    this.options = options;
    this.slots = pLimit(options.concurrency);
    this.outcomes = pLimit(options.concurrency);
    this.watch = new AnswerWatch(options);
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
    const keeping = Promise.all([this.keepHours(ended.signal), this.keepClock(ended.signal)]);
    try {
      await this.feed();
      await this.untilIdle();
      const silence = this.reason === null ? this.watch.atEnd() : null;
      if (silence !== null) this.stop({ kind: 'provider', cause: 'provider_silent', sentence: silence });
      if (this.reason === null || isOfGuard(this.reason)) this.stopInDoubt();
    } catch (error) {
      this.stop(reasonOf(error));
    } finally {
      await this.untilIdle();
      ended.abort();
      await keeping;
      stop.removeEventListener('abort', askedToStop);
      this.tellProgress();
    }
    return this.reason;
  }

  private async keepHours(ended: AbortSignal): Promise<void> {
    const { hours, stopAt, clock, gate } = this.options;
    await keepHours(
      {
        closed: (until) => {
          // Calls that wait for a permit are withdrawn: their records would be `sending` all the while.
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
      { hours, stopAt: stopAt?.at ?? null, clock, ended },
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

  /** Keeps the worst reason, in the order of the exit codes: calls in flight may bring a worse one than the first. */
  private stop(reason: StopReason): void {
    if (this.reason === null || badnessOf(reason) > badnessOf(this.reason)) this.reason = reason;
    this.stopping.abort();
  }

  private async feed(): Promise<void> {
    const { gate, queue, hours, clock, findRefusal } = this.options;
    const { signal } = this.stopping;
    let hasAsked = false;
    while (!signal.aborted) {
      if (hours.closedUntil(clock.now()) !== null) await untilOpen(hours, clock, signal);
      if (gate.pauseLeft > 0) {
        // A person, or another process, may have asked for the pause, and moved its end.
        if (gate.pauseWhy !== null) this.tellProgress();
        await gate.untilOpen(signal);
        continue;
      }
      if (!this.isClockRight()) return;
      if (!hasAsked) {
        hasAsked = true;
        const refusal = await findRefusal();
        if (refusal !== null) this.stop(refusal);
        continue;
      }
      if (this.inFlight >= this.most) {
        await this.freed.next;
        continue;
      }
      const task = await queue.next(signal);
      if (task === null) return;
      const spent = gate.spent();
      if (spent !== null) {
        queue.again(task, 0);
        // A call under way may turn out not to have been made, and then leaves room for another.
        if (this.inFlight > 0) await this.freed.next;
        else this.stop({ kind: 'limit', ...spent });
        continue;
      }
      // The provider may have fallen silent, or the clock may have been changed, while we waited for this task.
      if (this.inFlight < this.most && this.isClockRight()) this.begin(task);
      else queue.again(task, 0);
    }
  }

  /** Stops where 000_002 was answered and nothing has proved our set-up: nothing tells whose fault it is. */
  private stopInDoubt(): void {
    const { sentence } = this.options.doubt;
    if (sentence !== null) this.stop({ kind: 'provider', cause: 'wrong_setup', sentence });
  }

  private get most(): number {
    if (this.options.doubt.isFull) return 0;
    return this.watch.isDoubtful ? 1 : this.options.concurrency;
  }

  private get inFlight(): number {
    return this.slots.activeCount + this.slots.pendingCount;
  }

  /** True where no call is under way and no outcome waits for the ledger. */
  private get isIdle(): boolean {
    return this.inFlight + this.outcomes.activeCount + this.outcomes.pendingCount === 0;
  }

  private begin(task: Item): void {
    const isProbe = this.watch.isDoubtful;
    void this.slots(async () => {
      await this.call(task, isProbe);
    }).then(this.noteFreed);
    this.tellProgress();
  }

  private readonly noteFreed = (): void => {
    // Those that were under way may have brought the proof.
    if (this.options.doubt.isFull && this.isIdle) this.stopInDoubt();
    this.freed.wake();
  };

  private async untilIdle(): Promise<void> {
    while (!this.isIdle) await this.freed.next;
  }

  /** Makes one call in a slot. The slot is free when this resolves. */
  private async call(task: Item, isProbe: boolean): Promise<void> {
    try {
      const end = await this.options.call(task, this.stopping.signal);
      if (end.kind !== 'answered') {
        if (end.kind === 'withdrawn') this.putBack(task);
        else this.options.queue.left();
        return;
      }
      this.heed(end, isProbe);
      if (this.options.weighing.isTrouble(end.step)) await this.record(task, end);
      else await this.recordOutside(task, end);
    } catch (error) {
      this.stop(reasonOf(error));
    }
  }

  /** Resolves when the outcome has its place among those that wait for the ledger. */
  private async recordOutside(task: Item, end: Answered<Step>): Promise<void> {
    const placed = Promise.withResolvers<void>();
    void this.outcomes(async () => {
      placed.resolve();
      await this.record(task, end).catch((error: unknown) => {
        this.stop(reasonOf(error));
      });
    }).then(this.noteFreed);
    await placed.promise;
  }

  private putBack(task: Item): void {
    const { queue, isLockFresh, gate } = this.options;
    // Everybody waits, or record after record would be marked and taken back as fast as the ledger can.
    if (!isLockFresh()) gate.pause(LOCK_DOUBT_MS);
    queue.again(task, 0);
  }

  /** Obeys at once what an answer means for all calls. */
  private heed(answer: Answered<Step>, isProbe: boolean): void {
    this.calls += 1;
    this.options.pace.observe(answer.sent.latencyMs);
    for (const finding of this.watch.observe(answer, isProbe)) {
      if (finding.kind === 'warn') this.options.onWarning(finding.sentence);
      if (finding.kind === 'pause') this.pauseFor(finding.pauseMs, finding.why);
      if (finding.kind === 'stop') this.stop(finding.reason);
    }
  }

  /** Records an answer and follows it when it is durable. */
  private async record(task: Item, answer: Answered<Step>): Promise<void> {
    const end = await answer.record();
    this.followStep(end.step);
    for (const late of end.late) this.countFinal(late.class);
    for (const reason of this.options.weighing.observe(task, end)) this.stop(reason);
    this.tellProgress();
  }

  private followStep(step: CallStep<Item>): void {
    const { queue } = this.options;
    switch (step.kind) {
      case 'final':
        this.countFinal(step.class);
        queue.done();
        return;
      case 'again':
        queue.again(step.item, step.delayMs);
        return;
      case 'last':
        queue.last(step.item);
        return;
      case 'stop_run':
      case 'held':
        queue.done();
    }
  }

  private countFinal(name: string): void {
    this.final[name] = (this.final[name] ?? 0) + 1;
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
