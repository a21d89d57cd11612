import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';
import { createDeskBrowser } from './desk-browser.ts';
import { openLedgerDesk } from './ledger-desk.ts';

/** On a machine that has other work the first byte reaches the disk late. */
const PATIENCE = 30_000;

describe.each(ledgerEngines)('a sender who stops half-way, ledger on $name', (engine) => {
  test.skipIf(engine.missing)('is cut off after the limit, and nothing of the upload is left', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger, world } = opened;
    await using desk = await openLedgerDesk(ledger, world.folder, { longestRequestMs: 5_000 });
    const uploads = async (): Promise<readonly string[]> =>
      await readdir(join(world.folder, 'runs', 'uploads'), { recursive: true }).catch(() => []);
    const browser = createDeskBrowser(() => desk.address);
    // The file is larger than one write, so that a part of it reaches the disk.
    const sent = await browser.beginUpload('slow.csv', 'user_id,par\n'.repeat(40_000), 'nightly');
    await vi.waitUntil(async () => (await uploads()).some((name) => name.endsWith('.part')), PATIENCE);
    await sent.broken;
    await vi.waitUntil(async () => (await uploads()).length === 0, PATIENCE);
    expect(await ledger.query('select 1 from desk_upload')).toEqual([]);
    expect(await ledger.query('select 1 from audit_entry')).toEqual([]);
    // The desk goes on answering others.
    expect((await desk.get('/')).status).toBe(200);
  });
});
