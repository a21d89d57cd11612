import { describe, expect, test } from 'vitest';
import { beginTask, type Task } from '../../src/dispatch/call/task.ts';
import { TaskQueue } from '../../src/dispatch/task-queue.ts';
import type { ClaimedRecord } from '../../src/ledger/runs/claiming.ts';
import { createStubClock, oneTurn } from '../support/stub-clock.ts';
import { claimedRecords } from './dispatch-world.ts';

const never = new AbortController().signal;

/** A ledger that gives these sets, and then null. */
function setup(sets: readonly (readonly ClaimedRecord[])[]) {
  const clock = createStubClock();
  let claims = 0;
  const queue = new TaskQueue(clock, async () => {
    const set = sets[claims];
    claims += 1;
    return await Promise.resolve(set === undefined ? null : set.map(beginTask));
  });
  return { clock, queue, claims: () => claims };
}

async function take(queue: TaskQueue<Task>): Promise<Task> {
  const work = await queue.next(never);
  if (work === null) throw new Error('work was expected');
  return work;
}

/** Follows a wait without awaiting it. */
function watch(queue: TaskQueue<Task>, signal: AbortSignal = never) {
  const seen: { work: Task | null | undefined } = { work: undefined };
  void queue.next(signal).then((work) => {
    seen.work = work;
  });
  return seen;
}

describe('claiming', () => {
  test('a set only when the one before is used up, and once more to hear of the end', async () => {
    const records = claimedRecords(6);
    const { queue, claims } = setup([records.slice(0, 3), records.slice(3)]);
    expect(claims()).toBe(0);
    const seen: string[] = [];
    const claimsAt: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      seen.push((await take(queue)).record.recordNo);
      claimsAt.push(claims());
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(claimsAt).toEqual([1, 1, 1, 2, 2, 2]);
    for (let count = 0; count < 6; count += 1) queue.done();
    expect(await queue.next(never)).toBeNull();
    expect(await queue.next(never)).toBeNull();
    expect(claims()).toBe(3);
  });

  test('sets without a record are passed over', async () => {
    const { queue, claims } = setup([[], [], claimedRecords(1), []]);
    expect((await take(queue)).record.recordNo).toBe('1');
    queue.done();
    expect(await queue.next(never)).toBeNull();
    expect(claims()).toBe(5);
  });

  test('what is left to others is looked for again, also after the end', async () => {
    const [first, second] = claimedRecords(2);
    if (first === undefined || second === undefined) throw new Error('two records were expected');
    const sets: (readonly Task[] | null)[] = [
      [beginTask(first), beginTask(second)],
      null,
      [beginTask(second)],
    ];
    const queue = new TaskQueue<Task>(
      createStubClock(),
      async () => await Promise.resolve(sets.shift() ?? null),
    );
    await take(queue);
    await take(queue);
    const next = queue.next(never);
    await oneTurn();
    queue.done();
    queue.left();
    expect((await next)?.record.recordNo).toBe('2');
    queue.done();
    expect(await queue.next(never)).toBeNull();
  });

  test('what a record has behind it comes with it', async () => {
    const { queue } = setup([claimedRecords(1, { unanswered: 2 })]);
    expect(await take(queue)).toMatchObject({ paid: 0, unanswered: 2 });
  });

  test('no more than some thousand records are on their way', async () => {
    const records = claimedRecords(6_000);
    const sets = Array.from({ length: 12 }, (_, index) => records.slice(index * 500, (index + 1) * 500));
    const { queue, claims } = setup(sets);
    for (let count = 0; count < 5_000; count += 1) await take(queue);
    const seen = watch(queue);
    for (let turn = 0; turn < 20; turn += 1) await oneTurn();
    expect([seen.work, claims()]).toEqual([undefined, 10]);
    queue.done();
    await oneTurn();
    expect([seen.work?.record.recordNo, claims()]).toEqual(['5001', 11]);
  });

  test('a claim that fails is the reader\u2019s to hear', async () => {
    const queue = new TaskQueue(createStubClock(), async () => await Promise.reject(new Error('broken')));
    await expect(queue.next(never)).rejects.toThrow('broken');
  });
});

describe('what comes again', () => {
  test('goes before what was never called, once it is due', async () => {
    const { clock, queue } = setup([claimedRecords(4)]);
    const first = await take(queue);
    queue.again(first, 1_000);
    expect((await take(queue)).record.recordNo).toBe('2');
    await clock.advance(999);
    expect((await take(queue)).record.recordNo).toBe('3');
    await clock.advance(1);
    expect((await take(queue)).record.recordNo).toBe('1');
    expect((await take(queue)).record.recordNo).toBe('4');
  });

  test('in the order of their times; at the same time in the order they came', async () => {
    const { clock, queue } = setup([claimedRecords(5)]);
    const works = [];
    for (let count = 0; count < 5; count += 1) works.push(await take(queue));
    for (const [index, delay] of [300, 100, 200, 100, 0].entries()) {
      const work = works[index];
      if (work !== undefined) queue.again(work, delay);
    }
    expect(queue.delayed).toBe(5);
    await clock.advance(1_000);
    const seen: string[] = [];
    for (let count = 0; count < 5; count += 1) seen.push((await take(queue)).record.recordNo);
    expect(seen).toEqual(['5', '2', '4', '3', '1']);
    expect(queue.delayed).toBe(0);
  });

  test('takes at most every other turn while there are first attempts, then all of them', async () => {
    const records = claimedRecords(8);
    const { clock, queue } = setup([records.slice(0, 6), records.slice(6)]);
    const again = [];
    for (let count = 0; count < 4; count += 1) again.push(await take(queue));
    for (const work of again) queue.again(work, 1_000);
    await clock.advance(1_000);
    const seen: string[] = [];
    for (let count = 0; count < 8; count += 1) seen.push((await take(queue)).record.recordNo);
    expect(seen).toEqual(['1', '5', '2', '6', '3', '7', '4', '8']);
    for (const work of again) queue.again(work, 0);
    const last: string[] = [];
    for (let count = 0; count < 4; count += 1) last.push((await take(queue)).record.recordNo);
    expect(last).toEqual(['1', '2', '3', '4']);
  });

  test('takes every turn while no more records may be on their way', async () => {
    const records = claimedRecords(5_500);
    const sets = Array.from({ length: 11 }, (_, index) => records.slice(index * 500, (index + 1) * 500));
    const { queue } = setup(sets);
    const works = [];
    for (let count = 0; count < 5_000; count += 1) works.push(await take(queue));
    for (const work of works.slice(0, 3)) queue.again(work, 0);
    const seen: string[] = [];
    for (let count = 0; count < 3; count += 1) seen.push((await take(queue)).record.recordNo);
    expect(seen).toEqual(['1', '2', '3']);
  });

  test('wakes the reader at its time, without a claim or a turn in between', async () => {
    const { clock, queue, claims } = setup([claimedRecords(1)]);
    queue.again(await take(queue), 5_000);
    const seen = watch(queue);
    await clock.advance(4_999);
    expect([seen.work, claims(), clock.sleeping]).toEqual([undefined, 2, 1]);
    await clock.advance(1);
    expect(seen.work?.record.recordNo).toBe('1');
    expect([claims(), clock.sleeping]).toEqual([2, 0]);
  });

  test('an earlier one that comes meanwhile wakes the reader too', async () => {
    const { clock, queue } = setup([claimedRecords(2)]);
    const [first, second] = [await take(queue), await take(queue)];
    queue.again(first, 50_000);
    const seen = watch(queue);
    await oneTurn();
    queue.again(second, 0);
    await oneTurn();
    expect(seen.work?.record.recordNo).toBe('2');
    expect(clock.sleeping).toBe(0);
  });

  test('a delay of longer than the longest wait is kept', async () => {
    const { clock, queue } = setup([claimedRecords(1)]);
    queue.again(await take(queue), 600_000);
    const seen = watch(queue);
    await clock.advance(599_999);
    expect(seen.work).toBeUndefined();
    await clock.advance(1);
    expect(seen.work?.record.recordNo).toBe('1');
  });
});

describe('the end', () => {
  test('only when nothing is on its way any more', async () => {
    const { queue } = setup([claimedRecords(2)]);
    const first = await take(queue);
    await take(queue);
    const seen = watch(queue);
    queue.done();
    await oneTurn();
    expect(seen.work).toBeUndefined();
    queue.again(first, 0);
    await oneTurn();
    expect(seen.work?.record.recordNo).toBe('1');
    const last = watch(queue);
    queue.done();
    await oneTurn();
    expect(last.work).toBeNull();
  });

  test('a reader who is told to stop gets nothing and leaves no timer', async () => {
    const { clock, queue } = setup([claimedRecords(1)]);
    queue.again(await take(queue), 5_000);
    const stop = new AbortController();
    const seen = watch(queue, stop.signal);
    await oneTurn();
    expect(clock.sleeping).toBe(1);
    stop.abort();
    await oneTurn();
    expect([seen.work, clock.sleeping]).toEqual([null, 0]);
  });

  test('one who was told before does not claim', async () => {
    const { queue, claims } = setup([claimedRecords(1)]);
    expect(await queue.next(AbortSignal.abort())).toBeNull();
    expect(claims()).toBe(0);
  });
});
