import { describe, expect, test } from 'vitest';
import { createFaultDice } from '../../src/sandbox/faults/fault-dice.ts';
import { parseFaultPlan, type FaultPlan } from '../../src/sandbox/faults/fault-plan.ts';
import { spellFault } from '../../src/sandbox/faults/fault.ts';
import {
  askCode,
  otherPar,
  plansCall,
  registerCall,
  sendCall,
  signedCall,
  plainBody,
  somePar,
} from './raw-client.ts';
import { catchCoded, openSandbox } from './sandbox-world.ts';

const CALLS = 20_000;

function roll(faults: FaultPlan, stream?: string) {
  return Array.from({ length: CALLS }, createFaultDice(faults, stream));
}

function placesOf(spelling: string, faults: FaultPlan): number[] {
  return roll(faults).flatMap(({ fault }, index) =>
    fault !== null && spellFault(fault) === spelling ? [index] : [],
  );
}

describe('odds', () => {
  const odds = { 'garbage after': 0.05, gzip: 0.05, 'reset unread': 0.05 };

  test('are as frequent as asked, and those of one do not shift another', () => {
    const plan: FaultPlan = { seed: 11, odds };
    const gzip = placesOf('gzip', plan);
    expect(gzip.length / CALLS).toBeCloseTo(0.05 * 0.95, 2);
    // A fault before it in the plan that hits at the same call is taken instead, and that is all.
    const without = placesOf('gzip', { seed: 11, odds: { gzip: 0.05 } });
    expect(without).toEqual(expect.arrayContaining(gzip));
    const unread = placesOf('reset unread', { seed: 11, odds: { 'reset unread': 0.05, gzip: 0.05 } });
    const more: FaultPlan = {
      seed: 11,
      odds: { 'reset unread': 0.05, 'garbage after': 0.5, 'html before': 0.2, gzip: 0 },
      hang: { probability: 0 },
      latency: { p50Ms: 5, p99Ms: 50 },
      slow: { probability: 0.5, ms: 3 },
    };
    expect(placesOf('reset unread', more)).toEqual(unread);
    expect(unread.length).toBeGreaterThan(800);
    expect(placesOf('reset unread', { ...more, seed: 12 })).not.toEqual(unread);
  });

  test('of both kinds of calls are drawn apart', () => {
    const plan: FaultPlan = { seed: 11, odds };
    expect(roll(plan, 'plans ')).not.toEqual(roll(plan));
    expect(roll(plan, 'plans ')).toEqual(roll(plan, 'plans '));
  });

  test('meet the two kinds of calls at different times', async () => {
    const sandbox = await openSandbox({ faults: { seed: 11, odds: { '500 before': 0.5 } } });
    for (let time = 0; time < 24; time += 1) {
      await sendCall(sandbox.baseUrl, registerCall('1', somePar));
      await sendCall(sandbox.baseUrl, plansCall('1'));
    }
    const faultsOf = (kind: 'register' | 'plans') =>
      sandbox.calls().flatMap(({ call, fault }) => (call === kind ? [fault] : []));
    expect(faultsOf('plans')).toHaveLength(24);
    expect(faultsOf('plans')).not.toEqual(faultsOf('register'));
  });

  test('of a fault that does not exist are refused', async () => {
    expect(await catchCoded(() => createFaultDice({ seed: 1, odds: { explode: 1 } }))).toMatchObject({
      code: 'SANDBOX_FAULTS_INVALID',
    });
  });
});

test('latency has the tail it was asked for, whatever else is planned', () => {
  const latency = { p50Ms: 80, p99Ms: 900 };
  const delays = roll({ seed: 3, latency }).map(({ delayMs }) => delayMs);
  const sorted = delays.toSorted((a, b) => a - b);
  expect(sorted[CALLS / 2]).toBeGreaterThan(76);
  expect(sorted[CALLS / 2]).toBeLessThan(84);
  expect(sorted[CALLS * 0.99]).toBeGreaterThan(800);
  expect(sorted[CALLS * 0.99]).toBeLessThan(1_000);
  const busy = roll({ seed: 3, latency, latencyMs: 10, odds: { gzip: 0.9 } }).map(({ delayMs }) => delayMs);
  expect(busy).toEqual(delays.map((delay) => delay + 10));
  // The counter-test: equal quantiles have no tail at all.
  const flat = roll({ seed: 3, latency: { p50Ms: 80, p99Ms: 80 } }).map(({ delayMs }) => delayMs);
  expect(new Set(flat)).toEqual(new Set([80]));
});

describe('maintenance', () => {
  test('by number of call: 503 with a page for every call, right or wrong, and nothing is processed', async () => {
    const sandbox = await openSandbox({ faults: { seed: 1, maintenance: [{ fromCall: 2, toCall: 4 }] } });
    const replies = [];
    for (const call of [
      registerCall('1', somePar),
      registerCall('2', otherPar),
      { ...registerCall('2', otherPar), body: 'nonsense' },
      plansCall('1'),
      registerCall('2', otherPar),
    ]) {
      replies.push(await sendCall(sandbox.baseUrl, call));
    }
    const page = { status: 503, code: null, headers: { 'content-type': 'text/html' }, reason: 'maintenance' };
    expect(replies).toMatchObject([{ code: '000_000' }, page, page, page, { code: '000_000' }]);
    expect(sandbox.calls().map(({ answer, processed }) => [answer, processed])).toEqual([
      ['000_000', true],
      ['maintenance', false],
      ['maintenance', false],
      ['maintenance', false],
      ['000_000', true],
    ]);
  });

  test('goes before a fault that would end the connection unread', async () => {
    const faults = { seed: 1, odds: { 'reset unread': 1 }, maintenance: [{ fromCall: 1, toCall: 1 }] };
    const sandbox = await openSandbox({ faults });
    expect(await sendCall(sandbox.baseUrl, registerCall('1', somePar))).toMatchObject({ status: 503 });
    expect(await sendCall(sandbox.baseUrl, registerCall('1', somePar))).toMatchObject({ kind: 'broken' });
  });

  test.each([
    ['23:30', '00:30', '2026-11-23T14:29:59.000Z', false],
    ['23:30', '00:30', '2026-11-23T14:30:00.000Z', true],
    ['23:30', '00:30', '2026-11-23T15:29:59.000Z', true],
    ['23:30', '00:30', '2026-11-23T15:30:00.000Z', false],
    ['02:00', '03:00', '2026-11-23T17:00:00.000Z', true],
    ['02:00', '03:00', '2026-11-23T18:00:00.000Z', false],
  ])('from %s to %s in KST, at %s: %s', async (from, to, instant, isOn) => {
    const now = new Date(instant);
    const faults = { seed: 1, maintenance: [{ from, to }] };
    const sandbox = await openSandbox({ faults, now: () => now });
    const reply = await sendCall(sandbox.baseUrl, signedCall(plainBody('1', somePar), { instant: now }));
    expect(reply).toMatchObject({ status: isOn ? 503 : 200 });
  });
});

test('credentials that are revoked: after so many calls everything is 401', async () => {
  const sandbox = await openSandbox({ faults: { seed: 1, revokedAfterCalls: 2 } });
  const replies = [];
  for (const call of [
    registerCall('1', somePar),
    plansCall('1'),
    registerCall('2', otherPar),
    plansCall('1'),
    { ...registerCall('2', otherPar), body: 'nonsense' },
  ]) {
    replies.push(await sendCall(sandbox.baseUrl, call));
  }
  const refused = { status: 401, code: '000_401', reason: 'revoked' };
  expect(replies).toMatchObject([{ code: '000_000' }, { code: '000_000' }, refused, refused, refused]);
  expect(sandbox.truth()).toHaveLength(1);
  expect(sandbox.calls().filter(({ processed }) => processed)).toHaveLength(2);
});

test('latency delays an answer, not what is done', async () => {
  const sandbox = await openSandbox({ faults: { seed: 1, latency: { p50Ms: 60_000, p99Ms: 60_000 } } });
  const asked = askCode(sandbox.baseUrl, '1', somePar);
  await expect.poll(() => sandbox.truth().length).toBe(1);
  await sandbox.close();
  expect(await asked).toContain('broken');
});

test('the whole plan is read from YAML', () => {
  const plan: FaultPlan = {
    seed: 7,
    slow: { probability: 0.1, ms: 300 },
    tooMany: { probability: 0.1, retryAfterSeconds: null },
    serverError: { probability: 0.1, when: 'either' },
    reset: { probability: 0.1, when: 'before' },
    truncated: { probability: 0.1 },
    hang: { probability: 0 },
    odds: { '429 date 2s': 0.01, 'close unread': 0.02 },
    rateLimit: { perSecond: 20 },
    latencyMs: 5,
    latency: { p50Ms: 80, p99Ms: 900 },
    maintenance: [
      { from: '23:30', to: '00:30' },
      { fromCall: 10, toCall: 20 },
    ],
    revokedAfterCalls: 100,
  };
  // JSON is YAML.
  expect(parseFaultPlan(JSON.stringify(plan))).toEqual(plan);
});

test.each([
  ['odds of no fault', 'odds: { explode: 0.1 }', 'odds.explode'],
  ['odds above 1', "odds: { '429': 1.5 }", 'odds'],
  ['a tail before the middle', 'latency: { p50Ms: 100, p99Ms: 50 }', 'p50Ms is above p99Ms'],
  ['an hour of 24', "maintenance: [{ from: '24:00', to: '01:00' }]", 'maintenance[0]'],
  ['a window that ends before it begins', 'maintenance: [{ fromCall: 5, toCall: 4 }]', 'maintenance[0]'],
  ['half a window', 'maintenance: [{ fromCall: 5 }]', 'maintenance[0]'],
  ['a negative number of calls', 'revokedAfterCalls: -1', 'revokedAfterCalls'],
])('%s is refused by its place', async (_what, text, place) => {
  const { code, message } = await catchCoded(() => parseFaultPlan(`seed: 1\n${text}`));
  expect(code).toBe('SANDBOX_FAULTS_INVALID');
  expect(message).toContain(place);
});
