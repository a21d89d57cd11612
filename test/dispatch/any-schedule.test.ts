import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import {
  countGiven,
  createGateWorld,
  restoreTimersAfterTest,
  settle,
  type GateWorld,
  type Taking,
} from './gate-world.ts';
import { LARGEST_MARGIN_MS, SMALLEST_MARGIN_MS } from '../../src/dispatch/gate/transit-margin.ts';
import { fullestWindow } from './windows.ts';

/** How long a call that left may still be on its way: what the gate's measured margin never falls below. */
const TRANSIT = SMALLEST_MARGIN_MS;
const SLACK = 2;
const LONGEST_PAUSE = 1_500;

interface CallPlan {
  /** Leaves in the moment it has its permit, as calls do; else when a step says so. */
  readonly leavesAtOnce: boolean;
  readonly transit: number;
}

interface Call {
  readonly taking: Taking;
  readonly plan: CallPlan;
  leftAt: number | null;
  hasEnded: boolean;
}

/** What happens to a gate; `pick` chooses among the calls it may happen to. */
type Step =
  | { readonly kind: 'take'; readonly plans: readonly CallPlan[] }
  | { readonly kind: 'wait' | 'pause'; readonly ms: number }
  /** Until the next moment at which the gate does something. */
  | { readonly kind: 'wait_for_gate' }
  | { readonly kind: 'leave' | 'finish' | 'give_back' | 'withdraw'; readonly pick: number };

const pick = fc.nat(1_000);
const plan: fc.Arbitrary<CallPlan> = fc.record({
  leavesAtOnce: fc.oneof(
    { weight: 4, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  transit: fc.oneof(fc.constantFrom(0, TRANSIT), fc.integer({ min: 0, max: TRANSIT })),
});
const ms = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 900 }));
const take = fc.array(plan, { minLength: 1, maxLength: 8 }).map((plans): Step => ({ kind: 'take', plans }));
const pause = fc.integer({ min: 1, max: LONGEST_PAUSE }).map((long): Step => ({ kind: 'pause', ms: long }));

function picked(kind: 'leave' | 'finish' | 'give_back' | 'withdraw'): fc.Arbitrary<Step> {
  return pick.map((which): Step => ({ kind, pick: which }));
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: take },
  { weight: 4, arbitrary: ms.map((long): Step => ({ kind: 'wait', ms: long })) },
  { weight: 6, arbitrary: fc.constant<Step>({ kind: 'wait_for_gate' }) },
  { weight: 2, arbitrary: picked('leave') },
  { weight: 6, arbitrary: picked('finish') },
  { weight: 1, arbitrary: picked('give_back') },
  { weight: 1, arbitrary: picked('withdraw') },
  { weight: 1, arbitrary: pause },
);

const count = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 110, max: 130 }) },
);
/** One limit, or a second one over a longer window that may be the tighter of the two or not. */
const limits = fc
  .record({ count, windowMs: fc.constantFrom(1_000, 250), second: fc.option(fc.integer({ min: 1, max: 6 })) })
  .map(({ second, ...first }) =>
    second === null ? [first] : [first, { count: second, windowMs: first.windowMs * 4 }],
  );
const ages = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 1_500 }),
    fc.integer({ min: 240, max: 290 }),
    fc.integer({ min: 990, max: 1_040 }),
  ),
  { maxLength: 8 },
);

/** Calls on their way through a gate, and when each of them arrives at the provider. */
class Traffic {
  readonly arrivals: number[] = [];
  private readonly calls: Call[] = [];
  private readonly world: GateWorld;

  constructor(world: GateWorld) {
    this.world = world;
  }

  async follow(next: Step): Promise<void> {
    const { clock, gate } = this.world;
    switch (next.kind) {
      case 'take':
        await this.take(next.plans);
        return;
      case 'wait':
        await clock.advance(next.ms);
        return;
      case 'wait_for_gate':
        await clock.advance(clock.waits[0] ?? 1);
        return;
      case 'pause':
        gate.pause(next.ms);
        break;
      case 'leave':
        this.choose(
          next.pick,
          (call) => this.isHeld(call) && call.leftAt === null,
          (call) => this.leave(call),
        );
        break;
      case 'finish':
        this.choose(
          next.pick,
          (call) => this.isHeld(call),
          (call) => this.finish(call),
        );
        break;
      case 'give_back':
        this.choose(
          next.pick,
          (call) => this.isHeld(call) && call.leftAt === null,
          (call) => {
            call.hasEnded = true;
            call.taking.permit?.giveBack();
          },
        );
        break;
      case 'withdraw':
        this.choose(
          next.pick,
          (call) => call.taking.state === 'waiting',
          (call) => {
            call.taking.abort();
          },
        );
    }
    await settle();
  }

  /** Nobody waits any more, and every call is over. */
  async end(): Promise<void> {
    for (const call of this.calls) if (call.taking.state === 'waiting') call.taking.abort();
    await settle();
    for (const call of this.calls) if (this.isHeld(call)) this.finish(call);
    await settle();
  }

  private async take(plans: readonly CallPlan[]): Promise<void> {
    const rest = [...plans];
    await this.world.take(plans.length, (taking) => {
      const call: Call = {
        taking,
        plan: rest.pop() ?? { leavesAtOnce: true, transit: 0 },
        leftAt: null,
        hasEnded: false,
      };
      this.calls.push(call);
      if (call.plan.leavesAtOnce) taking.onGiven = () => this.leave(call);
    });
  }

  private choose(which: number, fits: (call: Call) => boolean, act: (call: Call) => void): void {
    const fitting = this.calls.filter(fits);
    const call = fitting[which % Math.max(1, fitting.length)];
    if (call !== undefined) act(call);
  }

  private isHeld(call: Call): boolean {
    return call.taking.state === 'given' && !call.hasEnded;
  }

  private leave(call: Call): void {
    call.leftAt = this.world.clock.monotonic();
    call.taking.permit?.left();
  }

  /** Its answer proves that it has arrived by now. A call that never left does not arrive. */
  private finish(call: Call): void {
    call.hasEnded = true;
    if (call.leftAt !== null) {
      this.arrivals.push(Math.min(call.leftAt + call.plan.transit, this.world.clock.monotonic()));
    }
    call.taking.permit?.finish('sound');
  }
}

test('no window ever holds more arrivals than the limit, and every permit comes back', async () => {
  restoreTimersAfterTest();
  /** By the number of limits. */
  const fullest = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      limits,
      ages,
      fc.array(step, { minLength: 20, maxLength: 60 }),
      async (rates, before, steps) => {
        const world = createGateWorld(rates);
        const traffic = new Traffic(world);
        await world.fill(before);
        for (const next of steps) await traffic.follow(next);
        await traffic.end();

        for (const { count: most, windowMs } of rates) {
          // The youngest calls of before, the last of them still on its way; more than the limit is not this gate's doing.
          const youngest = before.toSorted((a, b) => a - b).slice(0, most);
          const arrivals = [...youngest.map((age) => TRANSIT - age), ...traffic.arrivals];
          expect(fullestWindow(arrivals, windowMs)).toBeLessThanOrEqual(most);
          const share = fullestWindow(traffic.arrivals, windowMs) / most;
          fullest.set(rates.length, Math.max(fullest.get(rates.length) ?? 0, share));
        }
        const longest = Math.max(...rates.map(({ windowMs }) => windowMs));
        await world.clock.advance(longest * 1.001 + LARGEST_MARGIN_MS + SLACK + LONGEST_PAUSE);
        const least = Math.min(...rates.map(({ count: most }) => most));
        expect(countGiven(await world.take(least + 1))).toBe(least);
        await world.close();
        expect([world.clock.sleeping, vi.getTimerCount()]).toEqual([0, 0]);
      },
    ),
    { numRuns: 120 },
  );
  // Schedules that never come near the limit would prove nothing.
  expect(Object.fromEntries(fullest)).toEqual({ 1: 1, 2: 1 });
});

test('the measure sees one arrival too many', () => {
  expect(fullestWindow([0, 999, 1_000], 1_000)).toBe(2);
  expect(fullestWindow([1_000, 0, 999, 999.5], 1_000)).toBe(3);
});
