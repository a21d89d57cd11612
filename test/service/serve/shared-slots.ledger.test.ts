import { describe, expect, onTestFinished, test } from 'vitest';
import { HandedBackError } from '../../../src/service/queue/run-queue.ts';
import { SharedSlots } from '../../../src/service/serve/shared-slots.ts';
import { openTestLedger, serverEngine } from '../../support/ledgers.ts';
import { createStubClock, until } from '../../support/stub-clock.ts';

const never = new AbortController().signal;

describe.skipIf(serverEngine.missing)(`slots of several processes (${serverEngine.name})`, () => {
  async function setup() {
    const opened = await openTestLedger(serverEngine);
    const { ledger } = opened;
    const clock = createStubClock();
    const here = new SharedSlots(1, { ledger, clock });
    const there = new SharedSlots(1, { ledger, clock });
    const over = Promise.withResolvers<void>();
    const long = here.take({ job: 'long', rows: null }, never, async () => {
      await over.promise;
      return 'long';
    });
    onTestFinished(async () => {
      over.resolve();
      await long;
      await opened[Symbol.asyncDispose]();
    });
    const ended: unknown[] = [];
    const waiting = here
      .take({ job: 'nightly', rows: 5 }, never, async () => await Promise.resolve('nightly'))
      .then(
        (result) => ended.push(result),
        (error: unknown) => ended.push(error),
      );
    /** Makes the request that waits look around once more. */
    const look = async (): Promise<void> => {
      await clock.advance(5_000);
      // A look is over when the request sleeps again or has ended.
      await until(() => clock.sleeping > 0 || ended.length > 0);
    };
    return { ledger, here, there, over, ended, waiting, look };
  }

  test('a request that waits is handed back once another process is free for its job', async () => {
    const { here, there, ended, waiting, look } = await setup();
    await here.tell(['long', 'nightly']);
    await look();
    await there.tell(['long']);
    await look();
    expect(ended).toEqual([]);
    await there.tell(['long', 'nightly']);
    await look();
    await waiting;
    expect(ended).toEqual([expect.any(HandedBackError)]);
  });

  test('it stays where the other is busy, has left, or was not heard of for half a minute', async () => {
    const { ledger, here, there, over, ended, waiting, look } = await setup();
    await here.tell(['nightly']);
    await there.tell(['nightly']);
    await ledger.query(`update serve_worker set beat_at = beat_at - interval '31 seconds'`);
    await look();
    const busy = Promise.withResolvers<void>();
    const other = there.take({ job: 'nightly', rows: 1 }, never, async () => {
      await busy.promise;
    });
    await there.tell(['nightly']);
    await look();
    await there.leave();
    await look();
    expect(ended).toEqual([]);
    over.resolve();
    await waiting;
    expect(ended).toEqual(['nightly']);
    busy.resolve();
    await other;
  });

  test('whoever is to stop waits no longer, and is not handed back by it', async () => {
    const { here } = await setup();
    const stop = new AbortController();
    const waiting = here.take({ job: 'other', rows: 1 }, stop.signal, async () => await Promise.resolve(1));
    stop.abort();
    expect(await waiting).toBeNull();
  });
});
