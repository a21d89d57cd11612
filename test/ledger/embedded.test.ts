import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbeddedLedger } from '../../src/ledger/engine/embedded-ledger.ts';
import { readHolder } from '../../src/ledger/engine/folder-lock.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { embeddedEngine } from '../support/ledgers.ts';

async function createFolder(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'kona-embedded-'));
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test('the first start makes the engine, also over what a killed first start left', async () => {
  await using world = await createFolder();
  const folder = join(world.folder, 'ledger');
  await mkdir(join(folder, 'pgdata.new'), { recursive: true });
  await writeFile(join(folder, 'pgdata.new', 'PG_VERSION'), '18\n');
  const ledger = await openLedger({ kind: 'embedded', folder });
  expect(await ledger.query('select count(*)::integer as runs from run')).toEqual([{ runs: 0 }]);
  await ledger.close();
  expect(await readdir(folder)).not.toContain('pgdata.new');
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('what was committed is there after it was closed and opened again', async () => {
  const world = await embeddedEngine.create();
  try {
    const first = await openLedger(world.address);
    await first.query(`insert into job (name) values ('kept')`);
    await first.close();
    const second = await openLedger(world.address);
    expect(await second.query('select name from job')).toEqual([{ name: 'kept' }]);
    // Ours, also where the folder says otherwise, as those do that an earlier version made.
    expect(await second.query('show shared_buffers')).toEqual([{ shared_buffers: '64MB' }]);
    await second.close();
  } finally {
    await world.remove();
  }
});

test('a second opener is refused and told who has it; the first goes on', async () => {
  const world = await embeddedEngine.create();
  if (world.address.kind !== 'embedded') throw new Error('not embedded');
  const { folder } = world.address;
  const first = await openEmbeddedLedger(folder);
  try {
    const silent = openLedger(world.address);
    await expect(silent).rejects.toMatchObject({ code: 'LEDGER_HELD', holder: null });
    const holder = { host: 'here', pid: 7, since: 's', beatAt: 'b', progress: { runId: 'r' } };
    first.publish(holder);
    await expect(openLedger(world.address)).rejects.toMatchObject({ code: 'LEDGER_HELD', holder });
    expect(await first.query('select 1 as one')).toEqual([{ one: 1 }]);
  } finally {
    await first.close();
  }
  expect(readHolder(folder)).toBeNull();
  const next = await openLedger(world.address);
  await next.close();
  await world.remove();
});

test('files of another engine version are refused with what to do', async () => {
  await using world = await createFolder();
  await mkdir(join(world.folder, 'pgdata'));
  await writeFile(join(world.folder, 'pgdata', 'PG_VERSION'), '17\n');
  const opening = openLedger({ kind: 'embedded', folder: world.folder });
  await expect(opening).rejects.toMatchObject({ code: 'LEDGER_UNUSABLE' });
  await expect(opening).rejects.toThrow(/written by engine 17, this program has 18/);
});

test('a file where the folder should be is refused, not overwritten', async () => {
  await using world = await createFolder();
  const file = join(world.folder, 'ledger');
  await writeFile(file, 'mine');
  await expect(openLedger({ kind: 'embedded', folder: file })).rejects.toMatchObject({
    code: 'LEDGER_UNUSABLE',
  });
  expect((await stat(file)).size).toBe(4);
});
