import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/domain/outcome.ts';
import { OvertakenError } from '../../src/ledger/ledger-port.ts';
import { createCallBudget } from '../../src/dispatch/gate/call-budget.ts';
import { createStubClock, timerTurn, until } from '../support/stub-clock.ts';
import {
  answered,
  claimedRecords,
  createDispatchWorld,
  enrolled,
  noAnswer,
  notSent,
  type DispatchWorld,
} from './dispatch-world.ts';

/** Every call waits until the test answers it. */
function createHeldAnswers() {
  const held: { recordNo: string; answer: (reply: Reply) => void }[] = [];
  return {
    held,
    answer: async (recordNo: string) => {
      const { promise, resolve } = Promise.withResolvers<Reply>();
      held.push({ recordNo, answer: resolve });
      return await promise;
    },
  };
}

function recordNosOf(world: DispatchWorld): string[] {
  return world.recorded.map((call) => call.recordNo).toSorted((a, b) => Number(a) - Number(b));
}

describe('a queue called to its end', () => {
  test('each record is prepared, marked, permitted, sent and recorded once, in this order', async () => {
    const world = createDispatchWorld({ records: claimedRecords(35), answer: () => enrolled });
    expect(await world.run()).toBeNull();
    expect(recordNosOf(world)).toEqual(claimedRecords(35).map((record) => record.recordNo));
    expect(world.count('unmark')).toBe(0);
    for (const { recordNo } of world.recorded) {
      const own = world.happenings.filter((happening) => happening.endsWith(` ${recordNo}`));
      expect(own).toEqual([
        `prepare ${recordNo}`,
        `mark ${recordNo}`,
        `send ${recordNo}`,
        `record ${recordNo}`,
      ]);
    }
    expect(world.took).toEqual(Array.from({ length: 35 }, () => 1));
    expect(world.progress.some((told) => told.calls === 0 && told.inFlight > 0)).toBe(true);
    expect(world.progress.at(-1)).toEqual({
      calls: 35,
      inFlight: 0,
      delayed: 0,
      final: { enrolled: 35 },
      state: { kind: 'running' },
    });
  });

  test('the permit is the last thing a call waits for', async () => {
    const world = createDispatchWorld({ records: claimedRecords(1), answer: () => enrolled });
    await world.run();
    expect(world.happenings.filter((happening) => happening !== 'claim')).toEqual([
      'prepare 1',
      'mark 1',
      'permit',
      'send 1',
      'record 1',
    ]);
  });

  test.each([1, 3, 16])('never more than %i calls at once, and so many where there is work', async (most) => {
    const { held, answer } = createHeldAnswers();
    const world = createDispatchWorld({ records: claimedRecords(40), answer, concurrency: most });
    const running = world.run();
    for (let ended = 0; ended < 40; ended += 1) {
      await until(() => held.length === Math.min(most, 40 - ended));
      held.pop()?.answer(enrolled);
    }
    expect(await running).toBeNull();
    expect(world.mostSending()).toBe(most);
  });

  test('a record that another run has by the time it is marked is not called', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: () => enrolled,
      isOurs: (recordNo) => recordNo !== '2',
    });
    expect(await world.run()).toBeNull();
    expect(world.recorded.map((call) => call.recordNo)).toEqual(['1', '3']);
    expect(world.count('permit')).toBe(2);
  });

  test('an empty list is claimed once and ends', async () => {
    const world = createDispatchWorld({ records: [], answer: () => enrolled });
    expect(await world.run()).toBeNull();
    expect(world.happenings).toEqual(['claim']);
    expect(world.progress.at(-1)).toMatchObject({ calls: 0, inFlight: 0, delayed: 0, final: {} });
  });
});

describe('calls that come again', () => {
  test('an unanswered call makes "already active" our own work found again', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(1),
      answer: (_, nth) => (nth === 1 ? noAnswer : answered(400, '007_017')),
    });
    expect(await world.run()).toBeNull();
    expect(world.recorded.map((call) => [call.outcome, call.settled])).toEqual([
      ['ambiguous', false],
      ['recovered', true],
    ]);
  });

  test('so does one of an earlier run, and a refused connection does not', async () => {
    const [first] = claimedRecords(1, { unanswered: 1 });
    const [, second] = claimedRecords(2);
    if (first === undefined || second === undefined) throw new Error('two records were expected');
    const world = createDispatchWorld({
      records: [first, second],
      answer: (recordNo, nth) => (recordNo === '2' && nth === 1 ? notSent : answered(400, '007_017')),
    });
    await world.run();
    const final = world.recorded.filter((call) => call.settled);
    expect(final.map((call) => [call.recordNo, call.outcome])).toEqual([
      ['1', 'recovered'],
      ['2', 'already_active'],
    ]);
  });

  test('a record costs at most its attempts and keeps what the last one said', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(2),
      answer: (recordNo) => (recordNo === '1' ? notSent : enrolled),
      attempts: 3,
    });
    expect(await world.run()).toBeNull();
    const struggling = world.recorded.filter((call) => call.recordNo === '1');
    expect(struggling.map((call) => [call.outcome, call.settled])).toEqual([
      ['transient', false],
      ['transient', false],
      ['transient', true],
    ]);
    expect(world.progress.at(-1)?.final).toEqual({ transient: 1, enrolled: 1 });
  });

  test('a list of which no call could be sent has met no provider, however short it is', async () => {
    const world = createDispatchWorld({ records: claimedRecords(3), answer: () => notSent, attempts: 2 });
    const reason = await world.runThroughTime();
    expect(reason).toMatchObject({ kind: 'provider' });
    expect(reason?.kind === 'provider' && reason.sentence).toContain('none of 6 calls could be sent');
    expect(world.recorded.filter((call) => call.settled)).toHaveLength(3);
  });

  test('429 costs no attempt, and everybody waits as long as it asks', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(3),
      answer: (_, nth) => (nth < 3 ? answered(429, null, 7_000) : enrolled),
      concurrency: 1,
      attempts: 1,
    });
    const running = world.run();
    const hasEnded = (): boolean => world.recorded.filter((call) => call.settled).length === 3;
    let pauses = 0;
    for (;;) {
      await until(() => hasEnded() || world.clock.waits.includes(7_000));
      if (hasEnded()) break;
      const sent = world.count('send');
      await world.clock.advance(6_999);
      expect(world.count('send')).toBe(sent);
      await world.clock.advance(1);
      pauses += 1;
    }
    expect(pauses).toBe(6);
    expect(await running).toBeNull();
    expect(world.progress.at(-1)?.final).toEqual({ enrolled: 3 });
    expect(world.count('send')).toBe(9);
  });

  test('a delayed record holds no slot', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(4),
      answer: (recordNo, nth) => (recordNo === '1' && nth === 1 ? answered(429, null, null) : enrolled),
      concurrency: 1,
    });
    const running = world.run();
    await until(() => world.count('record') === 1 && world.clock.sleeping > 1);
    expect(world.progress.at(-1)).toMatchObject({ delayed: 1 });
    await world.clock.advance(1_000);
    expect(await running).toBeNull();
    expect(world.progress.at(-1)).toEqual({
      calls: 5,
      inFlight: 0,
      delayed: 0,
      final: { enrolled: 4 },
      state: { kind: 'running' },
    });
  });
});

describe('a call that waits long for its permit', () => {
  test('is prepared again before it leaves: what was signed a minute ago may be refused', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(2),
      answer: () => enrolled,
      concurrency: 2,
      rate: { count: 1, windowMs: 90_000 },
    });
    const running = world.run();
    await until(() => world.count('record') === 1 && world.count('mark') === 2);
    await world.clock.advance(90_100);
    expect(await running).toBeNull();
    const second = world.recorded[1]?.recordNo ?? '';
    const own = world.happenings.filter((happening) => happening.endsWith(` ${second}`));
    expect(own).toEqual(
      ['prepare', 'mark', 'unmark', 'prepare', 'mark', 'send', 'record'].map((what) => `${what} ${second}`),
    );
  });

  test('is not when it waited less', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(2),
      answer: () => enrolled,
      concurrency: 2,
      rate: { count: 1, windowMs: 30_000 },
    });
    const running = world.run();
    await until(() => world.count('record') === 1 && world.count('mark') === 2);
    await world.clock.advance(30_100);
    expect(await running).toBeNull();
    expect(world.count('unmark')).toBe(0);
  });
});

describe('asked to stop', () => {
  test('what waits for its permit is taken back unsent, what has left is recorded', async () => {
    const { held, answer } = createHeldAnswers();
    const world = createDispatchWorld({
      records: claimedRecords(20),
      answer,
      concurrency: 4,
      rate: { count: 2, windowMs: 1_000 },
    });
    const running = world.run();
    await until(() => world.count('mark') === 4 && held.length === 2);
    world.stop.abort('SIGINT');
    await until(() => world.count('unmark') === 2);
    expect(world.count('record')).toBe(0);
    for (const call of held) call.answer(enrolled);
    expect(await running).toEqual({ kind: 'asked' });
    expect(recordNosOf(world)).toEqual(held.map((call) => call.recordNo).toSorted());
    const marked = world.happenings.filter((one) => one.startsWith('mark ')).map((one) => one.slice(5));
    const ended = world.happenings
      .filter((one) => /^(?:record|unmark) /.test(one))
      .map((one) => one.split(' ')[1]);
    expect(new Set(ended)).toEqual(new Set(marked));
    expect(ended).toHaveLength(marked.length);
    expect(world.progress.at(-1)).toMatchObject({ calls: 2, inFlight: 0 });
  });

  test('a call in flight that shows a worse reason: that one is told', async () => {
    const { held, answer } = createHeldAnswers();
    const world = createDispatchWorld({ records: claimedRecords(2), answer, concurrency: 2 });
    const running = world.run();
    await until(() => held.length === 2);
    world.stop.abort('SIGTERM');
    held[0]?.answer(answered(401, null));
    held[1]?.answer(enrolled);
    expect(await running).toMatchObject({ kind: 'provider' });
  });

  test('before the first call: nothing is claimed', async () => {
    const world = createDispatchWorld({ records: claimedRecords(5), answer: () => enrolled });
    world.stop.abort('SIGTERM');
    expect(await world.run()).toEqual({ kind: 'asked' });
    expect(world.happenings).toEqual([]);
  });

  test('while everything waits for a pause to end', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(5),
      answer: () => answered(429, null, 600_000),
      concurrency: 2,
    });
    const running = world.run();
    await until(() => world.count('record') > 0 && world.clock.waits.includes(600_000));
    expect(world.pauses[0]).toBe('throttled 600000');
    const sent = world.count('send');
    world.stop.abort('SIGTERM');
    expect(await running).toEqual({ kind: 'asked' });
    expect(world.count('send')).toBe(sent);
  });
});

describe('stopped by the provider', () => {
  test('credentials refused from some call on stop at the third in a row, and nobody is marked as failed', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(10),
      answer: (recordNo) => (Number(recordNo) >= 3 ? answered(401, null) : enrolled),
      concurrency: 1,
    });
    const reason = await world.run();
    expect(reason?.kind === 'provider' ? reason.sentence : reason).toContain('401');
    expect(world.recorded.map((call) => [call.outcome, call.settled])).toEqual([
      ['enrolled', true],
      ['enrolled', true],
      ['stop_run', false],
      ['stop_run', false],
      ['stop_run', false],
    ]);
    expect(world.progress.at(-1)?.final).toEqual({ enrolled: 2 });
  });

  test('with sixteen calls in flight none of them is marked, and nobody is called after', async () => {
    const { held, answer } = createHeldAnswers();
    const world = createDispatchWorld({ records: claimedRecords(40), answer, concurrency: 16 });
    const running = world.run();
    await until(() => held.length === 16);
    for (const call of held) call.answer(answered(401, null));
    expect(await running).toMatchObject({ kind: 'provider' });
    expect(world.count('send')).toBe(16);
    expect(world.recorded.map((call) => [call.outcome, call.settled])).toEqual(
      Array.from({ length: 16 }, () => ['stop_run', false]),
    );
    expect(world.progress.at(-1)).toMatchObject({ inFlight: 0, delayed: 0, final: {} });
  });

  test('twenty calls in a row without an answer', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(50),
      answer: () => notSent,
      concurrency: 1,
      attempts: 1,
    });
    expect(await world.runThroughTime()).toMatchObject({ kind: 'provider' });
    expect(world.count('send')).toBe(20);
  });

  test('a person who asks to stop during the silence is the reason', async () => {
    const { held, answer } = createHeldAnswers();
    const world = createDispatchWorld({ records: claimedRecords(3), answer, concurrency: 1, attempts: 1 });
    const running = world.run();
    await until(() => held.length === 1);
    world.stop.abort('SIGINT');
    held[0]?.answer(notSent);
    expect(await running).toEqual({ kind: 'asked' });
  });

  test('with calls in flight the silence costs no more than these', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(90),
      answer: () => noAnswer,
      concurrency: 8,
      attempts: 1,
    });
    expect(await world.runThroughTime()).toMatchObject({ kind: 'provider' });
    expect(world.count('send')).toBeGreaterThanOrEqual(20);
    expect(world.count('send')).toBeLessThanOrEqual(20 + 8);
    expect(world.count('record')).toBe(world.count('send'));
  });
});

describe('a lock in doubt', () => {
  test('nothing is sent until it is certain again, and few marks are made meanwhile', async () => {
    let isFresh = false;
    const world = createDispatchWorld({
      records: claimedRecords(100),
      answer: () => enrolled,
      concurrency: 3,
      isLockFresh: () => isFresh,
    });
    const running = world.run();
    await until(() => world.count('unmark') > 0 && world.count('unmark') === world.count('mark'));
    await until(() => world.clock.sleeping > 0);
    const marks = world.count('mark');
    expect(marks).toBeLessThanOrEqual(6);
    await world.clock.advance(400);
    expect(world.count('mark')).toBe(marks);
    expect(world.count('send')).toBe(0);
    isFresh = true;
    await world.clock.advance(100);
    while (world.recorded.length < 100) {
      await world.clock.advance(100);
      await timerTurn();
    }
    expect(await running).toBeNull();
    expect(recordNosOf(world)).toEqual(claimedRecords(100).map((record) => record.recordNo));
  });

  test('one that comes up while the call waits for its permit', async () => {
    let isFresh = true;
    const { held, answer } = createHeldAnswers();
    const world = createDispatchWorld({
      records: claimedRecords(2),
      answer,
      concurrency: 2,
      rate: { count: 1, windowMs: 1_000 },
      isLockFresh: () => isFresh,
    });
    const running = world.run();
    await until(() => held.length === 1 && world.count('mark') === 2 && world.clock.sleeping > 0);
    isFresh = false;
    await world.clock.advance(1_100);
    await until(() => world.count('unmark') === 1);
    expect(world.count('send')).toBe(1);
    isFresh = true;
    held[0]?.answer(enrolled);
    while (held.length < 2) await world.clock.advance(100);
    held[1]?.answer(enrolled);
    expect(await running).toBeNull();
    expect(recordNosOf(world)).toEqual(['1', '2']);
  });
});

describe('when our own side fails', () => {
  const broken = new Error('the connection broke');

  test('an outcome that can not be written ends it; nothing more is sent', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(50),
      answer: () => enrolled,
      concurrency: 1,
      beforeWrite: (what) => {
        if (what === 'record' && world.recorded.length === 3) throw broken;
      },
    });
    expect(await world.run()).toEqual({ kind: 'ledger', error: broken });
    expect(world.count('send')).toBe(4);
    expect(world.count('record')).toBe(3);
  });

  test('the other calls in flight end and are still tried to be recorded', async () => {
    const { held, answer } = createHeldAnswers();
    let failures = 1;
    const world = createDispatchWorld({
      records: claimedRecords(10),
      answer,
      concurrency: 2,
      beforeWrite: (what) => {
        if (what !== 'record' || failures === 0) return;
        failures -= 1;
        throw broken;
      },
    });
    const running = world.run();
    await until(() => held.length === 2);
    held[0]?.answer(enrolled);
    await until(() => failures === 0);
    held[1]?.answer(enrolled);
    expect(await running).toEqual({ kind: 'ledger', error: broken });
    expect([world.count('send'), world.count('record')]).toEqual([2, 1]);
  });

  test('a mark that is refused because another process took over: not a byte leaves', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(20),
      answer: () => enrolled,
      beforeWrite: (what) => {
        if (what === 'mark') throw new OvertakenError();
      },
    });
    expect(await world.run()).toEqual({ kind: 'overtaken' });
    expect(world.count('send')).toBe(0);
  });

  test('a claim that fails', async () => {
    const world = createDispatchWorld({
      records: claimedRecords(20),
      answer: () => enrolled,
      beforeWrite: (what) => {
        if (what === 'claim') throw broken;
      },
    });
    expect(await world.run()).toEqual({ kind: 'ledger', error: broken });
  });

  test('is the reason also when somebody had asked to stop before', async () => {
    const { held, answer } = createHeldAnswers();
    const world = createDispatchWorld({
      records: claimedRecords(5),
      answer,
      concurrency: 1,
      beforeWrite: (what) => {
        if (what === 'record') throw broken;
      },
    });
    const running = world.run();
    await until(() => held.length === 1);
    world.stop.abort('SIGINT');
    held[0]?.answer(enrolled);
    expect(await running).toEqual({ kind: 'ledger', error: broken });
  });

  test('a person who asks afterwards does not become the reason', async () => {
    const { held, answer } = createHeldAnswers();
    const world = createDispatchWorld({
      records: claimedRecords(5),
      answer,
      concurrency: 2,
      beforeWrite: (what) => {
        if (what === 'record') throw broken;
      },
    });
    const running = world.run();
    await until(() => held.length === 2);
    held[0]?.answer(answered(403, null));
    held[1]?.answer(enrolled);
    world.stop.abort('SIGINT');
    expect(await running).toEqual({ kind: 'ledger', error: broken });
  });
});

describe('a budget', () => {
  function budgetOf(most: number) {
    const clock = createStubClock();
    return createCallBudget({
      cause: 'max_calls',
      most,
      counted: 0,
      endOf: null,
      clock,
      sentence: (made) => `${made} calls made`,
    });
  }

  test('ends the run once it is spent; what is in flight ends, the rest is as it was', async () => {
    const budgets = [budgetOf(3)];
    const world = createDispatchWorld({ records: claimedRecords(9), answer: () => enrolled, budgets });
    expect(await world.run()).toEqual({ kind: 'limit', cause: 'max_calls', sentence: '3 calls made' });
    expect([world.count('send'), world.recorded.length]).toEqual([3, 3]);
    expect(world.count('mark') - world.count('unmark')).toBe(3);
  });

  test('that is spent with the last call ends nothing', async () => {
    const budgets = [budgetOf(3)];
    const world = createDispatchWorld({ records: claimedRecords(3), answer: () => enrolled, budgets });
    expect(await world.run()).toBeNull();
    expect(world.recorded).toHaveLength(3);
  });

  test('that was spent before lets nothing begin', async () => {
    const budgets = [budgetOf(0)];
    const world = createDispatchWorld({ records: claimedRecords(3), answer: () => enrolled, budgets });
    expect(await world.run()).toEqual({ kind: 'limit', cause: 'max_calls', sentence: '0 calls made' });
    expect([world.count('prepare'), world.count('send')]).toEqual([0, 0]);
  });
});

test('a run that is slowed says so', async () => {
  const world = createDispatchWorld({
    records: claimedRecords(22),
    answer: (recordNo) => (Number(recordNo) % 3 === 0 ? answered(500, null) : enrolled),
    adaptive: true,
    attempts: 1,
    rate: { count: 20, windowMs: 1_000 },
  });
  expect(await world.runThroughTime()).toBeNull();
  const states = world.progress.map(({ state }) => state);
  expect(states.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => ({ kind: 'running' })));
  expect(states.at(-1)).toMatchObject({ kind: 'slowed' });
});
