import { describe, expect, test, vi } from 'vitest';
import { languages } from '../../src/domain/language.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { noteProofs } from '../../src/ledger/proofs/stored-proofs.ts';
import { readWork } from '../../src/ledger/proofs/row-groups.ts';
import { createRun, setRunState } from '../../src/ledger/runs/run-table.ts';
import { proveAgain } from '../../src/reconcile/prove-again.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { evil, everyClass, visibleText, wholePar } from '../report/html/page-world.ts';
import { openReportWorld, par, runId, type PlantedRow } from '../report/report-world.ts';
import { plantedSettings } from '../report/planted-settings.ts';
import { openLedgerDesk } from './ledger-desk.ts';

vi.setConfig({ testTimeout: 120_000 });

const failed: PlantedRow = { cells: ['1'], class: 'rejected' };

/** Plants a complete run whose totals are stored as a real run stores them. */
async function keepEnd(ledger: Ledger, runNo: number): Promise<void> {
  await setRunState(ledger, runNo, 'complete');
  const proof = await proveAgain(ledger, runNo);
  const work = await readWork(ledger, runNo, 14);
  await noteProofs(ledger, runNo, { totals: proof?.checks ?? [], work, difference: null });
}

async function plantRuns(ledger: Ledger, count: number, changes: { job?: string; listName?: string } = {}) {
  for (let n = 0; n < count; n += 1) {
    const run = await createRun(ledger, {
      id: `20261123T16${String(n).padStart(4, '0')}Z-nightly-0a1b`,
      job: changes.job ?? 'nightly',
      provider: 'provider-a',
      kind: 'list',
      night: '2026-11-23',
      listName: changes.listName ?? `list ${n}.csv`,
      content: '',
      again: false,
      settings: plantedSettings,
      startedAt: new Date('2026-11-23T16:00:00Z'),
    });
    await setRunState(ledger, run.run_no, 'refused');
  }
}

describe.each(ledgerEngines)('pages of runs, ledger on $name', (engine) => {
  test.skipIf(engine.missing)('tell state, exit, rows and who must act, in both languages', async () => {
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows: [failed] });
    await keepEnd(world.ledger, world.runNo);
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const english = visibleText((await desk.get('/runs')).text);
    expect(english).toContain('members.csv nightly');
    expect(english).toContain('Complete, not all enrolled');
    expect(english).toContain('list owner 1 row');
    const korean = visibleText((await desk.get('/runs', 'ko')).text);
    expect(korean).toContain('완료(미등록 있음)');
    expect(korean).toContain('1행');
    expect((await desk.get('/runs')).text).toContain('exit 3 not_enrolled');
  });

  test.skipIf(engine.missing)('go on from run to run by number, fifty a page', async () => {
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows: [] });
    await plantRuns(world.ledger, 51);
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const first = (await desk.get('/runs')).text;
    expect(first.match(/<th scope="row">/g)).toHaveLength(50);
    const older = /href="(?<older>\/runs\?before=\d+)"/.exec(first)?.groups?.['older'] ?? '';
    const second = (await desk.get(older)).text;
    expect(
      [...second.matchAll(/<th scope="row"><a href="(?<at>[^"]+)"/g)].map(({ groups }) => groups?.['at']),
    ).toEqual(['/runs/20261123T160000Z-nightly-0a1b', `/runs/${runId}`]);
    expect(second).not.toContain('href="/runs?before=');
    expect((await desk.get('/runs?before=1')).text).toContain('There are no older runs.');
    expect((await desk.get('/runs?before=x')).status).toBe(404);
  });

  test.skipIf(engine.missing)('tell the runs of a job that takes no uploads', async () => {
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows: [] });
    await plantRuns(world.ledger, 1, { job: 'weekly', listName: 'every member.csv' });
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    expect((await desk.get('/runs')).text).toContain('every member.csv');
    expect((await desk.get('/runs/20261123T160000Z-nightly-0a1b')).status).toBe(200);
    const form = (await desk.get('/uploads/new')).text;
    expect([form.includes('nightly'), form.includes('weekly')]).toEqual([true, false]);
  });

  test.skipIf(engine.missing)('show nothing of a job that is not served', async () => {
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows: [] });
    await plantRuns(world.ledger, 1, { job: 'elsewhere', listName: 'secret.csv' });
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    expect((await desk.get('/runs')).text).not.toContain('secret.csv');
    expect((await desk.get('/runs/20261123T160000Z-nightly-0a1b')).status).toBe(404);
    expect((await desk.get('/runs/nonsense')).status).toBe(404);
  });

  test.skipIf(engine.missing).each(languages)(
    'tell the story of its report, masked and escaped, in %s',
    async (language) => {
      await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows: everyClass });
      await world.ledger.query('update run set list_name = $1', [`${evil}.csv`]);
      await keepEnd(world.ledger, world.runNo);
      await using desk = await openLedgerDesk(world.ledger, world.folder);
      const { text } = await desk.get(`/runs/${runId}`, language);
      expect(text).not.toContain('<img');
      expect(text).not.toContain('<script>document');
      for (const id of [wholePar, par(6), '12345678901']) expect(text).not.toContain(id);
      const said = visibleText(text);
      expect(said).toContain(language === 'ko' ? '합계가 일치하는가' : 'Do the totals agree?');
      expect(said).toContain(language === 'ko' ? '거부된 행' : 'Rejected rows');
    },
  );

  test.skipIf(engine.missing)('prove the totals anew, and say where they do not agree', async () => {
    await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows: [failed] });
    await keepEnd(world.ledger, world.runNo);
    await using desk = await openLedgerDesk(world.ledger, world.folder);
    const told = 'proved anew, and do not agree';
    const before = (await desk.get(`/runs/${runId}`)).text;
    await world.ledger.query('update run set rows_read = 7');
    const after = (await desk.get(`/runs/${runId}`)).text;
    expect(before).not.toContain(told);
    expect(after).toContain(told);
    expect(visibleText(after)).toContain('BROKEN TOTALS');
  });

  test.skipIf(engine.missing)(
    'tell a live run as far as it is, and look again without a script',
    async () => {
      const left: PlantedRow = { cells: ['2', par(2)], class: 'unprocessed' };
      await using world = await openReportWorld(engine, { header: ['user_id', 'par'], rows: [failed, left] });
      await world.ledger.query(
        'update run set exit_code = null, exit_cause = null, exit_reason = null, finished_at = null',
      );
      await setRunState(world.ledger, world.runNo, 'dispatching');
      await using desk = await openLedgerDesk(world.ledger, world.folder);
      const { text } = await desk.get(`/runs/${runId}`);
      expect(visibleText(text)).toContain('1 of 2 rows have a result so far.');
      expect(text).toContain('<noscript><meta http-equiv="refresh" content="15" /></noscript>');
      expect(visibleText((await desk.get('/runs')).text)).toContain('calling the provider');
    },
  );
});
