import { describe, expect, test } from 'vitest';
import { createFaultDice } from '../../src/sandbox/faults/fault-dice.ts';
import { parseFaultPlan, type FaultPlan } from '../../src/sandbox/faults/fault-plan.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import type { Sandbox } from '../../src/sandbox/wire/server.ts';
import { askCode, otherPar, registerCall, sendCall, somePar } from './raw-client.ts';
import { catchCoded, openSandbox } from './sandbox-world.ts';

async function scripted(...faults: string[]): Promise<Sandbox> {
  const list = faults.map((fault) => `'${fault}'`).join(', ');
  return await openSandbox({ fixtures: parseFixtures(`cards: [{ par: ${somePar}, faults: [${list}] }]`) });
}

/** Every PAR is new, so any number of calls can succeed. */
function parOf(index: number): string {
  return `Q1${String(index).padStart(25, '0')}`;
}

describe('a scripted fault', () => {
  test.each([
    ['429', { kind: 'whole', status: 429, code: '000_429' }, false],
    ['429 1s', { kind: 'whole', status: 429, headers: { 'retry-after': '1' } }, false],
    ['500 before', { kind: 'whole', status: 500, code: null }, false],
    ['500 after', { kind: 'whole', status: 500, code: null }, true],
    ['502 before', { kind: 'whole', status: 502 }, false],
    ['503 after', { kind: 'whole', status: 503 }, true],
    ['reset before', { kind: 'broken', error: 'ECONNRESET', status: null }, false],
    ['reset after', { kind: 'broken', error: 'ECONNRESET', status: null }, true],
    ['truncated before', { kind: 'broken', status: 200 }, false],
    ['truncated after', { kind: 'broken', status: 200 }, true],
  ])('%s', async (fault, reply, processed) => {
    const sandbox = await scripted(fault);
    expect(await sendCall(sandbox.baseUrl, registerCall('1', somePar))).toMatchObject(reply);
    expect(sandbox.truth()).toMatchObject(processed ? [{ userId: '1', par: somePar }] : []);
    const logged = fault === '429 1s' ? '429' : fault;
    expect(sandbox.calls()).toMatchObject([{ answer: logged, processed, userId: '1', par: somePar }]);
    // Consumed: the next call is answered as if nothing had been.
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe(processed ? '007_017' : '000_000');
  });

  test('429 without a time has no Retry-After', async () => {
    const sandbox = await scripted('429');
    const reply = await sendCall(sandbox.baseUrl, registerCall('1', somePar));
    expect(reply.kind === 'whole' && 'retry-after' in reply.headers).toBe(false);
  });

  test('slow: the true answer, late', async () => {
    const sandbox = await scripted('slow 80ms');
    const startedAt = performance.now();
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('000_000');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(79);
    expect(sandbox.calls()).toMatchObject([{ answer: '000_000', processed: true }]);
  });

  test.each([
    ['hang before', 0],
    ['hang after', 1],
  ])('%s: no answer until the sandbox closes', async (fault, registered) => {
    const sandbox = await scripted(fault);
    const asked = sendCall(sandbox.baseUrl, registerCall('1', somePar));
    await expect.poll(() => sandbox.calls()[0]?.answer).toBe(fault);
    expect(sandbox.truth()).toHaveLength(registered);
    await sandbox.close();
    expect(await asked).toMatchObject({ kind: 'broken', status: null });
  });

  test('several come in order, one a call, and other cards are untouched', async () => {
    const sandbox = await scripted('500 before', 'reset after', '429');
    const codes: string[] = [];
    for (let call = 0; call < 4; call += 1) codes.push(await askCode(sandbox.baseUrl, '1', somePar));
    expect(codes).toEqual(['500', 'broken ECONNRESET', '000_429', '007_017']);
    expect(await askCode(sandbox.baseUrl, '1', otherPar)).toBe('000_000');
  });

  test('a refused call uses none up', async () => {
    const sandbox = await scripted('500 before');
    const call = registerCall('1', somePar);
    expect(await sendCall(sandbox.baseUrl, { ...call, body: `${call.body} ` })).toMatchObject({
      status: 401,
    });
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('500');
  });

  test('after a fault the condition answers', async () => {
    const fixtures = parseFixtures(`cards: [{ par: ${somePar}, answer: '007_016', faults: ['500 after'] }]`);
    const sandbox = await openSandbox({ fixtures });
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('500');
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('007_016');
    expect(sandbox.truth()).toEqual([]);
  });
});

describe('faults by chance', () => {
  const plan: FaultPlan = {
    seed: 7,
    tooMany: { probability: 0.1, retryAfterSeconds: null },
    serverError: { probability: 0.1, when: 'either' },
    reset: { probability: 0.1, when: 'either' },
    truncated: { probability: 0.1 },
    slow: { probability: 0.1, ms: 1 },
  };

  async function callLog(faults: FaultPlan, calls: number) {
    const sandbox = await openSandbox({ faults });
    for (let index = 0; index < calls; index += 1) await askCode(sandbox.baseUrl, '1', parOf(index));
    return { answers: sandbox.calls().map((call) => call.answer), sandbox };
  }

  test('are the same for the same seed, and others for another', async () => {
    const { answers: first, sandbox } = await callLog(plan, 120);
    const { answers: second } = await callLog(plan, 120);
    const { answers: other } = await callLog({ ...plan, seed: 8 }, 120);
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    const kinds = [
      '000_000',
      '429',
      '500 before',
      '500 after',
      'reset before',
      'reset after',
      'truncated after',
    ];
    expect(Object.keys(sandbox.stats().byAnswer).toSorted()).toEqual(kinds.toSorted());
    const processed = sandbox.calls().filter((call) => call.processed);
    expect(sandbox.truth().map((entry) => entry.par)).toEqual(processed.map((call) => call.par));
  });

  test('are as frequent as asked, and one probability does not shift the others', () => {
    const roll = (faults: FaultPlan) => {
      const dice = createFaultDice(faults);
      return Array.from({ length: 20_000 }, dice);
    };
    const rolled = roll(plan);
    expect(rolled.filter(({ fault }) => fault?.kind === 'too_many').length / 20_000).toBeCloseTo(0.1, 1);
    expect(rolled.filter(({ delayMs }) => delayMs === 1).length / 20_000).toBeCloseTo(0.1, 1);
    const resets = (calls: ReturnType<typeof roll>) =>
      calls.flatMap(({ fault }, index) =>
        fault?.kind === 'connection' && fault.how === 'reset' ? [index] : [],
      );
    const more = roll({ ...plan, slow: { probability: 0.9, ms: 1 }, truncated: { probability: 0 } });
    expect(resets(more)).toEqual(resets(rolled));
    expect(resets(rolled).length).toBeGreaterThan(1_000);
  });

  test('a moment is kept to', () => {
    const dice = createFaultDice({ seed: 1, reset: { probability: 1, when: 'after' } });
    const drawn = Array.from({ length: 100 }, dice).map(({ fault }) => fault);
    expect(new Set(drawn.map((fault) => JSON.stringify(fault)))).toEqual(
      new Set(['{"kind":"connection","how":"reset","when":"after"}']),
    );
  });

  test('a hang is let go of by the client', async () => {
    const sandbox = await openSandbox({ faults: { seed: 1, hang: { probability: 1, when: 'before' } } });
    const patience = new AbortController();
    const asked = sendCall(sandbox.baseUrl, registerCall('1', somePar), patience.signal);
    await expect.poll(() => sandbox.calls()[0]?.answer).toBe('hang before');
    patience.abort();
    expect(await asked).toMatchObject({ kind: 'broken' });
  });

  test('latency is for every answer, and closing does not wait for it', async () => {
    const quick = await openSandbox({ faults: { seed: 1, latencyMs: 60 } });
    const startedAt = performance.now();
    expect(await askCode(quick.baseUrl, '1', somePar)).toBe('000_000');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(59);

    const slow = await openSandbox({ faults: { seed: 1, latencyMs: 600_000 } });
    const asked = sendCall(slow.baseUrl, registerCall('1', somePar));
    await expect.poll(() => slow.calls()[0]?.answer).toBe('000_000');
    await slow.close();
    expect(await asked).toMatchObject({ kind: 'broken' });
  });

  test('a plan is read from YAML, strictly', async () => {
    expect(parseFaultPlan('seed: 1\nhang: { probability: 0.5 }\nrateLimit: { perSecond: 20 }\n')).toEqual({
      seed: 1,
      hang: { probability: 0.5 },
      rateLimit: { perSecond: 20 },
    });
    for (const text of ['', 'seed: 1\nresets: {}', 'seed: 1\nhang: { probability: 2 }', 'seed: [']) {
      expect(await catchCoded(() => parseFaultPlan(text))).toMatchObject({ code: 'SANDBOX_FAULTS_INVALID' });
    }
  });
});

test('the rate limit answers 429 to each arrival above it, and processes none', async () => {
  const perSecond = 4;
  const sandbox = await openSandbox({ faults: { seed: 1, rateLimit: { perSecond } } });
  await Promise.all(Array.from({ length: 10 }, (_, index) => askCode(sandbox.baseUrl, '1', parOf(index))));
  const calls = sandbox.calls();
  const tooMany = calls.map(
    (call) =>
      calls.filter((other) => other.arrivedAt <= call.arrivedAt && call.arrivedAt - other.arrivedAt < 1000)
        .length > perSecond,
  );
  expect(calls.map((call) => call.answer === '429')).toEqual(tooMany);
  const { violations, registered, fullestWindow } = sandbox.stats();
  expect(violations).toBe(tooMany.filter(Boolean).length);
  expect(violations).toBeGreaterThan(0);
  expect(registered).toBe(10 - violations);
  expect(fullestWindow).toBeGreaterThan(perSecond);
});
