import { expect, test } from 'vitest';
import { Waker } from '../../src/dispatch/waker.ts';

test('one wake-up reaches all who wait, and nobody who begins to wait after it', async () => {
  const waker = new Waker();
  const woken: string[] = [];
  const wait = async (name: string): Promise<void> => {
    await waker.next;
    woken.push(name);
  };
  waker.wake();
  const both = Promise.all([wait('first'), wait('second')]);
  expect(woken).toEqual([]);
  waker.wake();
  const late = wait('late');
  await both;
  expect(woken).toEqual(['first', 'second']);
  waker.wake();
  await late;
  expect(woken).toEqual(['first', 'second', 'late']);
});
