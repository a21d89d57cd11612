import { randomUUID } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import type { DeskOptions } from '../../../src/desk/server/desk-options.ts';
import { ReadingEndedError, type UploadReader } from '../../../src/desk/uploads/upload-reader.ts';
import { UploadPlanner } from '../../../src/desk/uploads/upload-planner.ts';
import { noteUpload, readUpload } from '../../../src/ledger/desk/upload-table.ts';
import { embeddedEngine, openTestLedger } from '../../support/ledgers.ts';
import { createStubClock } from '../../support/stub-clock.ts';

vi.setConfig({ testTimeout: 120_000 });

const LOOK_MS = 10_000;

async function setup(read: UploadReader['read']) {
  const opened = await openTestLedger(embeddedEngine);
  const { ledger } = opened;
  const clock = createStubClock();
  const order: string[] = [];
  const told: string[] = [];
  const options: DeskOptions = {
    ledger,
    clock,
    me: { user: 'tester', host: 'here', pid: 1 },
    signIn: null,
    jobs: [
      {
        takesUploads: true,
        name: 'nightly',
        provider: 'a',
        timeZone: 'UTC',
        language: 'en',
        reportsDirectory: '/runs',
      },
    ],
    configure: () => Promise.reject(new Error('the reader configures')),
    reader: {
      read: async (upload) => {
        order.push(upload.file_name);
        await read(upload);
      },
      rest: () => undefined,
      close: () => Promise.resolve(),
    },
    figuresOf: () => Promise.resolve(null),
    asked: () => undefined,
    tell: (sentence) => told.push(sentence),
  };
  let uploads = 0;
  const upload = async (fileName: string): Promise<string> => {
    const id = randomUUID();
    const file = { fileName, storedName: 'list.csv', sha256: 'a'.repeat(64), bytes: 10 };
    uploads += 1;
    const at = new Date(clock.now().getTime() + uploads);
    const by = { by: { name: 'tester', account: null }, at, needsApproval: false };
    await noteUpload(ledger, { id, job: 'nightly', ...file, ...by, reportsDirectory: '/runs', host: 'here' });
    return id;
  };
  return {
    order,
    told,
    upload,
    plan: () => new UploadPlanner(options),
    /** Resolves once the planner has looked, and sleeps until it looks again. */
    looked: async () => {
      await vi.waitFor(() => {
        expect(clock.sleeping).toBe(1);
      });
    },
    lookAgain: async () => {
      await clock.advance(LOOK_MS);
    },
    find: async (id: string) => await readUpload(ledger, id),
    [Symbol.asyncDispose]: opened[Symbol.asyncDispose],
  };
}

test('a list that ends its reader again and again is refused, and keeps no other from being read', async () => {
  await using world = await setup(async ({ file_name: name }) => {
    if (name === 'bomb.csv') throw new ReadingEndedError('SIGABRT');
    return await Promise.resolve();
  });
  const bomb = await world.upload('bomb.csv');
  await world.upload('list.csv');
  const planner = world.plan();
  await world.looked();
  expect(world.order).toEqual(['bomb.csv', 'list.csv']);
  for (let look = 0; look < 2; look += 1) {
    expect((await world.find(bomb))?.state).toBe('received');
    await world.lookAgain();
    await world.looked();
  }
  const refused = await world.find(bomb);
  expect(refused?.state).toBe('refused');
  expect(refused?.refusal?.en).toContain('bomb.csv could not be read');
  expect(refused?.refusal?.mayPass).toBe(false);
  expect(world.told.at(-1)).toBe(`upload ${bomb} is refused: the process that read it ended (SIGABRT)`);
  await world.lookAgain();
  await world.looked();
  expect(world.order.filter((name) => name === 'bomb.csv')).toHaveLength(3);
  await planner.close();
});
