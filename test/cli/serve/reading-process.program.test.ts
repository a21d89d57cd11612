import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { ReadingProcess } from '../../../src/cli/commands/serve/reading-process.ts';
import { ReadingEndedError } from '../../../src/desk/uploads/upload-reader.ts';
import type { UnreadUpload } from '../../../src/ledger/desk/upload-plans.ts';
import { noteUpload, readUpload } from '../../../src/ledger/desk/upload-table.ts';
import { openLedger } from '../../../src/ledger/engine/open-ledger.ts';
import { createWorld, listOf } from '../../support/enrolment-world.ts';
import { serverEngine } from '../../support/ledgers.ts';

vi.setConfig({ testTimeout: 120_000 });

const JOB = 'proof';
const onServer = serverEngine.missing ? test.skip : test;

/** `preload`: a script that each process of the reader loads before the program. */
async function setup(preload: string) {
  const world = await createWorld({ engine: serverEngine, job: 'desk: { upload: true }' });
  const { address } = world.ledger;
  if (address.kind !== 'server') throw new Error('a server was to be lent');
  const ledger = await openLedger(address);
  const { cwd } = world;
  await writeFile(join(cwd, 'preload.mjs'), preload);
  const reportsDirectory = join(cwd, 'runs');
  const env = { ...world.env, NODE_OPTIONS: `--import=${pathToFileURL(join(cwd, 'preload.mjs')).href}` };
  const me = { user: 'tester', host: hostname(), pid: process.pid };
  const told: string[] = [];
  const write = (text: string): void => {
    told.push(text);
  };
  const reader = new ReadingProcess(
    { env, cwd, stderr: { isTerminal: false, columns: 0, write, draw: write } },
    { address, cwd, me, jobs: [{ name: JOB, file: 'job.yaml', reportsDirectory }], words: {} },
  );
  return {
    cwd,
    reader,
    upload: async (content: string): Promise<UnreadUpload> => {
      const id = randomUUID();
      const folder = join(reportsDirectory, 'uploads', id);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'list.csv'), content);
      const sha256 = createHash('sha256').update(content).digest('hex');
      const file = { fileName: 'list.csv', storedName: 'list.csv', sha256, bytes: content.length };
      const by = { by: { name: 'tester', account: null }, at: new Date(), needsApproval: false };
      await noteUpload(ledger, { id, job: JOB, ...file, ...by, reportsDirectory, host: me.host });
      return {
        id,
        job: JOB,
        file_name: 'list.csv',
        stored_name: 'list.csv',
        sha256,
        host: me.host,
        said_yes: false,
      };
    },
    stateOf: async ({ id }: UnreadUpload) => (await readUpload(ledger, id))?.state,
    [Symbol.asyncDispose]: async () => {
      await reader.close();
      await ledger.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

const TELLS_ITSELF = `
  import { writeFileSync } from 'node:fs';
  import { getPriority } from 'node:os';
  process.once('message', () => {
    writeFileSync('reader.json', JSON.stringify({ pid: process.pid, priority: getPriority() }));
  });`;

onServer('reads a list in another process, which lets others go first', async () => {
  await using world = await setup(TELLS_ITSELF);
  const upload = await world.upload(listOf(3));
  await world.reader.read(upload);
  expect(await world.stateOf(upload)).toBe('planned');
  const reader = JSON.parse(await readFile(join(world.cwd, 'reader.json'), 'utf8')) as {
    readonly pid: number;
    readonly priority: number;
  };
  expect(reader.pid).not.toBe(process.pid);
  expect(reader.priority).toBeGreaterThan(0);
});

const DIES_ONCE = `
  import { existsSync, writeFileSync } from 'node:fs';
  process.on('message', ({ kind }) => {
    if (kind !== 'read' || existsSync('died')) return;
    writeFileSync('died', '');
    process.kill(process.pid, 'SIGKILL');
  });`;

onServer('a process that dies leaves the list unread, and the next one reads it', async () => {
  await using world = await setup(DIES_ONCE);
  const upload = await world.upload(listOf(3));
  await expect(world.reader.read(upload)).rejects.toThrow(new ReadingEndedError('SIGKILL'));
  expect(await world.stateOf(upload)).toBe('received');
  await world.reader.read(upload);
  expect(await world.stateOf(upload)).toBe('planned');
});

const HANGS = `
  process.on('message', ({ kind }) => {
    if (kind === 'read') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

onServer('ends at once with the desk, whatever it is doing', async () => {
  await using world = await setup(HANGS);
  const reading = world.reader.read(await world.upload(listOf(3)));
  await Promise.all([expect(reading).rejects.toThrow(ReadingEndedError), world.reader.close()]);
});
