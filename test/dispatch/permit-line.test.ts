import { expect, test, vi } from 'vitest';
import { PermitLine } from '../../src/dispatch/gate/permit-line.ts';

/** Timers that began while the work was done. */
async function countTimers(work: () => Promise<void>): Promise<number> {
  using timers = vi.spyOn(globalThis, 'setTimeout');
  await work();
  return timers.mock.calls.length;
}

test('those in line pass one by one, each when it is told that a permit is free', async () => {
  const line = new PermitLine();
  const passed: string[] = [];
  const both = ['first', 'second'].map(async (name) => {
    await line.pass();
    passed.push(name);
  });
  line.tell(true);
  await both[0];
  expect(passed).toEqual(['first']);
  line.tell(true);
  await both[1];
  expect(passed).toEqual(['first', 'second']);
  await line.close();
});

test('a turn of the line wakes the process once', async () => {
  const line = new PermitLine();
  line.tell(true);
  await line.pass();
  const turns = 5;
  const timers = await countTimers(async () => {
    for (let turn = 0; turn < turns; turn += 1) {
      line.tell(true);
      await line.pass();
    }
  });
  expect(timers).toBeLessThanOrEqual(turns);
  await line.close();
});
