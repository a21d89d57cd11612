import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { purgeCommand } from '../../src/cli/commands/purge-command.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { createFakeHost } from './fake-host.ts';

/** A person on a terminal who types `answer` when asked; a record waits to be forgotten. */
async function setup(answer: string, isTTY: boolean) {
  const world = await embeddedEngine.create();
  const seed = await openLedger(world.address);
  await seed.query(
    `insert into enrollment (provider, user_id, par, status) values ('p', '1001', 'PAR000000000000000000000001', 'pending')`,
  );
  await seed.close();
  const fake = createFakeHost({ isTerminal: true, env: { DATABASE_URL: world.databaseUrl } });
  const host = { ...fake, cwd: world.folder, stdin: () => Object.assign(Readable.from([answer]), { isTTY }) };
  return {
    fake,
    purge: async () => await purgeCommand({ olderThan: '30d' }, host),
    countRecords: async () => {
      const ledger = await openLedger(world.address);
      const rows = await ledger.query('select 1 from enrollment');
      await ledger.close();
      return rows.length;
    },
    [Symbol.asyncDispose]: async () => {
      await world.remove();
    },
  };
}

test('a person who types yes has it forgotten, after being told what', async () => {
  await using world = await setup('yes\n', true);
  expect(await world.purge()).toBe(0);
  const { stdout, stderr } = world.fake.written;
  expect(stdout).toMatch(/^To be forgotten for good:\n[^]*records in no list since +1\n[^]*Forgotten:\n/);
  expect(stderr).toContain('Type yes');
  expect(await world.countRecords()).toBe(0);
});

test.each(['no\n', 'y\n', '', '\n'])('a person who types %j has nothing forgotten', async (answer) => {
  await using world = await setup(answer, true);
  expect(await world.purge()).toBe(0);
  expect(world.fake.written.stderr).toContain('Nothing was forgotten.');
  expect(world.fake.written.stdout).not.toContain('Forgotten:');
  expect(await world.countRecords()).toBe(1);
});

test('what is piped in is nobody who agrees', async () => {
  await using world = await setup('yes\n', false);
  await expect(world.purge()).rejects.toMatchObject({ code: 'USAGE' });
  expect(await world.countRecords()).toBe(1);
});
