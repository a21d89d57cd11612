import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Ledger } from '../../../src/ledger/ledger-port.ts';
import { setRunState } from '../../../src/ledger/runs/run-table.ts';
import { writeRunFolder } from '../../../src/report/folder/run-folder.ts';
import { visibleText } from '../../report/html/page-world.ts';
import { openReportWorld, par, runId, type PlantedRow } from '../../report/report-world.ts';
import { ledgerEngines } from '../../support/ledgers.ts';
import { openLedgerDesk } from '../ledger-desk.ts';

vi.setConfig({ testTimeout: 120_000 });

const page = `/runs/${runId}`;
const rows: PlantedRow[] = [{ cells: ['12345678901', par(1)], class: 'bad_data', code: '004_001' }];

/** Counts the entries of both logs. */
async function countEntries(ledger: Ledger): Promise<string> {
  const entries = await ledger.query<{ counts: string }>(
    `select (select count(*) from access_log where action = 'exported' and what like 'upload desk%') || ' of access, ' ||
            (select count(*) from audit_entry where what = 'downloaded') || ' of audit' as counts`,
  );
  return entries[0]?.counts ?? '';
}

describe.each(ledgerEngines)('files of a run that nobody uploaded, ledger on $name', (engine) => {
  test.skipIf(engine.missing)('leave for a reason, which is in both logs first', async () => {
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
    await setRunState(world.ledger, world.runNo, 'complete');
    const { folder } = await writeRunFolder({ ...world.options, reportsDirectory: `${world.folder}/runs` });
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const file = await desk.post(page, `${page}/files`, {
      name: 'failed.csv',
      reason: 'failures of November',
    });
    expect(file.status).toBe(200);
    expect(file.text).toContain('12345678901');
    expect(file.text).toBe((await readFile(join(folder, 'failed.csv'), 'utf8')).replace('\uFEFF', ''));
    expect(file.headers.get('content-disposition')).toContain(`filename="${runId}.failed.csv"`);
    expect(await world.ledger.query('select who, run_id, upload_id, detail from audit_entry')).toEqual([
      { who: 'tester', run_id: runId, upload_id: null, detail: 'failed.csv: failures of November' },
    ]);
    expect(await countEntries(world.ledger)).toBe('1 of access, 1 of audit');
    const report = await desk.get(`${page}/report`);
    expect([report.status, report.text.includes('12345678901')]).toEqual([200, false]);
  });

  test.skipIf(engine.missing)(
    'stay here without a reason, under another name and before the end',
    async () => {
      await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
      await setRunState(world.ledger, world.runNo, 'complete');
      await writeRunFolder({ ...world.options, reportsDirectory: `${world.folder}/runs` });
      await using desk = await openLedgerDesk(world.ledger, world.folder);
      const ask = async (name: string, reason: string) =>
        (await desk.post(page, `${page}/files`, { name, reason })).status;
      expect(await ask('failed.csv', ' \u200b ')).toBe(400);
      expect(await ask('../../secret', 'a good reason')).toBe(404);
      expect(await ask('manifest.json', 'a good reason')).toBe(404);
      const elsewhere = await desk.post(page, '/runs/20990101T000000Z-other-0000/files', {
        name: 'failed.csv',
        reason: 'a good reason',
      });
      expect(elsewhere.status).toBe(404);
      await setRunState(world.ledger, world.runNo, 'dispatching');
      // The page of a live run has no form, so the token comes from another page.
      const live = await desk.post('/search', `${page}/files`, {
        name: 'failed.csv',
        reason: 'a good reason',
      });
      expect(live.status).toBe(404);
      expect((await desk.get(`${page}/report`)).status).toBe(404);
      expect(await countEntries(world.ledger)).toBe('0 of access, 0 of audit');
    },
  );

  test.skipIf(engine.missing)('are asked of operations where they lie elsewhere', async () => {
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows });
    await setRunState(world.ledger, world.runNo, 'complete');
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const said = visibleText((await desk.get(page)).text);
    expect(said).toContain('do not lie on this machine. Ask operations for them.');
    expect(said).not.toContain('Download');
  });
});
