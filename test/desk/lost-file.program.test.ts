import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { listOf } from '../support/enrolment-world.ts';
import { withLedgerOf } from '../support/ledger-of-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { createDeskWorld, type DeskWorld } from './desk-world.ts';

vi.setConfig({ testTimeout: 600_000 });

const NAME = 'list.csv';
const changed = {
  en: 'list.csv is not what was uploaded any more: somebody has changed the file on this machine; upload it again',
  ko: 'list.csv 파일이 올린 내용과 다릅니다. 이 서버에서 누군가 파일을 바꾸었으므로 다시 올려 주십시오.',
};
const gone = {
  en: 'list.csv is not there any more: somebody has deleted the file on this machine; upload it again',
  ko: 'list.csv 파일이 없습니다. 이 서버에서 누군가 파일을 지웠으므로 다시 올려 주십시오.',
};

async function planned(desk: DeskWorld, rows: number): Promise<string> {
  const { id } = await desk.upload({ name: NAME, content: listOf(rows) });
  await desk.until(id, 'planned');
  return id;
}

function folderOf({ reports }: DeskWorld, id: string): string {
  return join(reports, 'uploads', id);
}

/** Expects that the upload is refused for that reason, in both languages, and that nobody can let it pass. */
async function expectRefused(desk: DeskWorld, id: string, words: typeof gone): Promise<void> {
  await desk.until(id, 'refused');
  for (const language of ['en', 'ko'] as const) {
    const { status, text } = await desk.get(`/uploads/${id}`, { 'accept-language': language });
    expect(status).toBe(200);
    expect(text).toContain(words[language]);
    expect(text).not.toContain(`/uploads/${id}/pass`);
  }
}

describe.each(ledgerEngines)('a file that somebody touches by hand, ledger on $name', (engine) => {
  const run = engine.missing ? test.skip : test;

  run('before its start: the page says so, and nobody is called', async () => {
    await using desk = await createDeskWorld({ engine });
    const [altered, deleted, emptied] = [
      await planned(desk, 1),
      await planned(desk, 2),
      await planned(desk, 3),
    ];
    await writeFile(join(folderOf(desk, altered), NAME), listOf(4));
    await rm(join(folderOf(desk, deleted), NAME));
    await rm(folderOf(desk, emptied), { recursive: true });
    for (const id of [altered, deleted, emptied]) expect((await desk.press(id, 'start')).status).toBe(200);
    await expectRefused(desk, altered, changed);
    await expectRefused(desk, deleted, gone);
    await expectRefused(desk, emptied, gone);
    expect(desk.world.sandbox.calls()).toHaveLength(0);
    // A file that is again as it was uploaded may be read again.
    await writeFile(join(folderOf(desk, altered), NAME), listOf(1));
    await desk.press(altered, 'pass');
    await desk.until(altered, 'planned');
  });

  run('before it is read: the page says so; a file of another machine is left to that', async () => {
    await using desk = await createDeskWorld({ engine });
    const [altered, deleted, elsewhere] = [
      await planned(desk, 1),
      await planned(desk, 2),
      await planned(desk, 3),
    ];
    await desk.serving.stop('SIGTERM');
    await writeFile(join(folderOf(desk, altered), NAME), listOf(4));
    for (const id of [deleted, elsewhere]) await rm(folderOf(desk, id), { recursive: true });
    await withLedgerOf(desk.world, async (ledger) => {
      await ledger.query(`update desk_upload set state = 'received'`);
      await ledger.query(`update desk_upload set host = 'another' where id = $1::uuid`, [elsewhere]);
    });
    await desk.restart();
    await expectRefused(desk, altered, changed);
    await expectRefused(desk, deleted, gone);
    const page = await desk.get(`/uploads/${elsewhere}`, { 'accept-language': 'en' });
    expect(page.text).toContain('The list is being read.');
  });
});

test('a run that was stopped does not go on with another file, and the page says so', async () => {
  const job = 'limits: { rate: 1000/s, maxCalls: 2, concurrency: 1, timeout: 5s }';
  await using desk = await createDeskWorld({ job });
  const id = await planned(desk, 3);
  await desk.press(id, 'start');
  await desk.until(id, 'ended');
  expect(desk.world.sandbox.calls()).toHaveLength(2);
  await rm(join(folderOf(desk, id), NAME));
  const answer = await desk.press(id, 'start');
  expect(answer.status).toBe(409);
  expect(answer.text).toContain('The file on this machine is not what was uploaded, or not there any more');
  expect((await desk.get(`/uploads/${id}`, { 'accept-language': 'en' })).text).toContain('Ended');
});
