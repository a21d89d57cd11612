import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { inspectInbox } from '../../../src/service/inbox/inspect-inbox.ts';

async function createInbox() {
  const folder = await mkdtemp(join(tmpdir(), 'kona-inbox-'));
  onTestFinished(async () => {
    await rm(folder, { recursive: true });
  });
  return folder;
}

const anHourAhead = { now: () => new Date(Date.now() + 3_600_000) };

test('an inbox that can be emptied is told with what lies ready, and nothing is moved', async () => {
  const folder = await createInbox();
  await writeFile(join(folder, 'members.csv'), 'user_id,par\n');
  await symlink('/etc/hostname', join(folder, 'link.csv'));
  const { findings, ready } = await inspectInbox(folder, { clock: anHourAhead, me: 1000 });
  expect(findings).toEqual([
    expect.objectContaining({
      level: 'ok',
      what: `${folder} can be read and emptied; 1 list lies ready in it`,
    }),
    expect.objectContaining({ level: 'warn', what: expect.stringContaining('link.csv') as unknown }),
  ]);
  expect(ready.map(({ name }) => name)).toEqual(['members.csv']);
  expect((await readdir(folder)).toSorted()).toEqual(['link.csv', 'members.csv']);
});

test('one in which only the owner of a file can move it is no inbox', async () => {
  const folder = await createInbox();
  await chmod(folder, 0o1777);
  const found = async (me: number) => (await inspectInbox(folder, { clock: anHourAhead, me })).findings[0];
  expect(await found(54_321)).toMatchObject({
    level: 'fail',
    cure: expect.stringContaining('chmod -t') as unknown,
  });
  expect(await found(0)).toMatchObject({ level: 'ok' });
});

test('a file in the place of done is told', async () => {
  const folder = await createInbox();
  await writeFile(join(folder, 'done'), '');
  await mkdir(join(folder, 'refused'));
  const { findings } = await inspectInbox(folder, { clock: anHourAhead, me: 0 });
  expect(findings).toContainEqual(
    expect.objectContaining({ level: 'fail', what: `${join(folder, 'done')} is not a folder` }),
  );
});
