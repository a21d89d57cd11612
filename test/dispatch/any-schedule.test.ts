import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { countGiven, createGateWorld, restoreTimersAfterTest, settle, type Taking } from './gate-world.ts';
import { fullestWindow } from './windows.ts';

const TRANSIT = 30;
const SLACK = 2;

/** What happens to a gate; `pick` chooses among the calls it may happen to. */
type Step =
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'leave'; readonly pick: number; readonly transit: number }
  | { readonly kind: 'finish' | 'give_back' | 'withdraw'; readonly pick: number }
  | { readonly kind: 'pause'; readonly ms: number };

interface Call {
  readonly taking: Taking;
  leftAt: number | null;
  transit: number;
  hasEnded: boolean;
}

const pick = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 900 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('leave' as const),
      pick,
      transit: fc.integer({ min: 0, max: TRANSIT }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('finish' as const), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('give_back' as const, 'withdraw' as const), pick }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 1, max: 1_500 }) }),
  },
);

const limit = fc.record({
  count: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 110, max: 130 })),
  windowMs: fc.constantFrom(1_000, 250),
});
const ages = fc.array(fc.integer({ min: 0, max: 1_500 }), { maxLength: 10 });

test('no window ever holds more arrivals than the limit, and every permit comes back', async () => {
  restoreTimersAfterTest();
  await fc.assert(
    fc.asyncProperty(
      limit,
      ages,
      fc.array(step, { minLength: 20, maxLength: 80 }),
      async (rate, before, steps) => {
        const world = createGateWorld(rate);
        const { gate, clock } = world;
        const calls: Call[] = [];
        // What left before and was still on its way arrives now.
        const arrivals = before
          .filter((age) => age <= rate.windowMs)
          .map((age) => Math.min(0, TRANSIT - age));
        const allowedBefore = arrivals.toSorted((a, b) => b - a).slice(0, rate.count);

        const filled = gate.fill(before);
        await settle();
        await filled;
        const left: number[] = [...allowedBefore];
        const endCall = (call: Call): void => {
          call.hasEnded = true;
          call.taking.permit?.finish();
          if (call.leftAt !== null) left.push(Math.min(call.leftAt + call.transit, clock.monotonic()));
        };
        const open = (hasLeft: boolean): Call[] =>
          calls.filter(
            (call) => call.taking.state === 'given' && !call.hasEnded && (call.leftAt !== null) === hasLeft,
          );

        for (const each of steps) {
          switch (each.kind) {
            case 'take':
              for (const taking of await world.take(each.count)) {
                calls.push({ taking, leftAt: null, transit: 0, hasEnded: false });
              }
              break;
            case 'wait':
              await clock.advance(each.ms);
              break;
            case 'leave': {
              const ready = open(false);
              const call = ready[each.pick % Math.max(1, ready.length)];
              if (call === undefined) break;
              call.leftAt = clock.monotonic();
              call.transit = each.transit;
              call.taking.permit?.left();
              break;
            }
            case 'finish': {
              const under = [...open(true), ...open(false)];
              const call = under[each.pick % Math.max(1, under.length)];
              if (call !== undefined) endCall(call);
              break;
            }
            case 'give_back': {
              const ready = open(false);
              const call = ready[each.pick % Math.max(1, ready.length)];
              if (call === undefined) break;
              call.hasEnded = true;
              call.taking.permit?.giveBack();
              break;
            }
            case 'withdraw': {
              const waiting = calls.filter((call) => call.taking.state === 'waiting');
              waiting[each.pick % Math.max(1, waiting.length)]?.taking.abort();
              break;
            }
            case 'pause':
              gate.pause(each.ms);
          }
          await settle();
        }

        for (const call of calls.filter((one) => one.taking.state === 'waiting')) call.taking.abort();
        await settle();
        for (const call of [...open(true), ...open(false)]) endCall(call);
        expect(fullestWindow(left, rate.windowMs)).toBeLessThanOrEqual(rate.count);

        await clock.advance(rate.windowMs + TRANSIT + SLACK + 1_500);
        const all = await world.take(rate.count + 1);
        expect(countGiven(all)).toBe(rate.count);
        await world.close();
        expect([clock.sleeping, vi.getTimerCount()]).toEqual([0, 0]);
      },
    ),
    { numRuns: 60 },
  );
});

test('the measure sees one arrival too many', () => {
  expect(fullestWindow([0, 999, 1_000], 1_000)).toBe(2);
  expect(fullestWindow([1_000, 0, 999, 999.5], 1_000)).toBe(3);
});
