import { expect, test } from 'vitest';
import { LedgerError } from '../../src/ledger/ledger-port.ts';
import { createPatience, LEDGER_PATIENCE_MS } from '../../src/ledger/engine/patience.ts';
import { createStubClock } from '../support/stub-clock.ts';

const gone = new LedgerError('LEDGER_UNAVAILABLE', 'gone');

function setup(chance = 0) {
  const clock = createStubClock();
  const told: string[] = [];
  const patience = createPatience({
    clock,
    chance: () => chance,
    waiting: (until, { message }) =>
      told.push(`until ${until.getTime() - clock.now().getTime()}: ${message}`),
    back: () => told.push('back'),
  });
  return { clock, told, patience };
}

/** What a promise rejects with. */
async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => error,
  );
}

/** Work that rejects so many times before it is done. */
function refused(times: number, error: Error = gone) {
  let tries = 0;
  const work = async (): Promise<string> => {
    tries += 1;
    await Promise.resolve();
    if (tries <= times) throw error;
    return 'done';
  };
  return { work, tries: () => tries };
}

test('work that is refused for a while is done in the end; it is told once and once', async () => {
  const { clock, told, patience } = setup();
  const one = refused(3);
  const two = refused(5);
  const done = Promise.all([patience.insist(one.work), patience.insist(two.work)]);
  await clock.advance(1_500);
  expect(told).toEqual([`until ${LEDGER_PATIENCE_MS}: gone`]);
  await clock.advance(1_000);
  expect(await done).toEqual(['done', 'done']);
  expect([one.tries(), two.tries()]).toEqual([4, 6]);
  expect(told).toEqual([`until ${LEDGER_PATIENCE_MS}: gone`, 'back']);
});

test('the pause is from half a second to two', async () => {
  const { clock, patience } = setup(1);
  const { work, tries } = refused(1);
  const done = patience.insist(work);
  await clock.advance(1_999);
  expect(tries()).toBe(1);
  await clock.advance(1);
  await done;
  expect(tries()).toBe(2);
});

test('what the database refuses for another reason is not done again', async () => {
  const { told, patience } = setup();
  const { work, tries } = refused(1, new LedgerError('LEDGER_STATEMENT', 'wrong'));
  await expect(patience.insist(work)).rejects.toMatchObject({ code: 'LEDGER_STATEMENT' });
  expect(tries()).toBe(1);
  expect(told).toEqual([]);
});

test('patience ends for all at once, and for good', async () => {
  const { clock, told, patience } = setup();
  const one = refused(Infinity);
  const ended = failureOf(patience.insist(one.work));
  await clock.advance(LEDGER_PATIENCE_MS / 2);
  const two = refused(Infinity);
  const endedToo = failureOf(patience.insist(two.work));
  await clock.advance(LEDGER_PATIENCE_MS / 2 - 1);
  const soFar = one.tries();
  await clock.advance(1_000);
  expect(await Promise.all([ended, endedToo])).toEqual([gone, gone]);
  expect(one.tries()).toBe(soFar + 1);
  const three = refused(1);
  await expect(patience.insist(three.work)).rejects.toBe(gone);
  expect(three.tries()).toBe(1);
  expect(told).toHaveLength(1);
});

test('work that fails again and again while all other is done does not go on for ever', async () => {
  const { clock, patience } = setup();
  const poison = refused(Infinity);
  const ended = failureOf(patience.insist(poison.work));
  for (let passed = 0; passed < LEDGER_PATIENCE_MS - 2_000; passed += 1_000) {
    await clock.advance(1_000);
    expect(await patience.insist(async () => await Promise.resolve(1))).toBe(1);
  }
  await clock.advance(3_000);
  expect(await ended).toBe(gone);
});

test('who waits no more is let go at once', async () => {
  const { clock, patience } = setup();
  const end = new AbortController();
  const ended = failureOf(patience.insist(refused(Infinity).work, end.signal));
  await clock.advance(700);
  end.abort();
  await clock.advance(0);
  expect(await ended).toBe(gone);
});
