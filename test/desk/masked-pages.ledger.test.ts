import { describe, expect, test, vi } from 'vitest';
import { languages } from '../../src/domain/language.ts';
import { noteUpload } from '../../src/ledger/desk/upload-table.ts';
import { setRunState } from '../../src/ledger/runs/run-table.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { openPageWorld, wholePar } from '../report/html/page-world.ts';
import { par, runId, type PlantedRow } from '../report/report-world.ts';
import { openLedgerDesk } from './ledger-desk.ts';

vi.setConfig({ testTimeout: 120_000 });

const userId = '1234567890123';
const uploadId = '00000000-0000-4000-8000-000000000001';
/** A person who writes a text may repeat ids in it. */
const words = `member ${userId} has ${wholePar}`;

const rows: readonly PlantedRow[] = [
  {
    cells: [userId, par(1)],
    class: 'conflict',
    code: '007_012',
    message: words,
    httpStatus: 400,
    attempts: 1,
  },
  {
    cells: [userId, wholePar],
    class: 'unknown_code',
    code: wholePar,
    message: words,
    httpStatus: 400,
    attempts: 1,
  },
  { cells: [userId], class: 'rejected', message: words },
];

/** Opens a ledger in which every text repeats ids, and a desk over it. */
async function openWorld(engine: (typeof ledgerEngines)[number]) {
  const world = await openPageWorld(rows, engine);
  const { ledger, runNo } = world;
  await setRunState(ledger, runNo, 'complete');
  await ledger.query('update run set exit_reason = $1', [words]);
  await ledger.query(`update list_row set user_id = $1 where row_no = 1`, [userId]);
  await ledger.query(
    `insert into enrollment (provider, user_id, par, status, since, code, message, attempts, last_run_no)
     values ('provider-a', $1, $2, 'conflict', '2026-11-22T16:00:00Z', '007_012', $4, 1, $3),
            ('provider-a', $1, $5, 'pending', null, null, null, 0, null)`,
    [userId, par(1), runNo, words, wholePar],
  );
  await ledger.query(
    `update attempt set record_no = 1, message = $1, raw_reply = $1, outcome = 'unknown_code'`,
    [words],
  );
  await ledger.query(
    `insert into break (provider, job, kind, user_id, par, other_par, details, first_seen_at, first_night, last_seen_at,
                        state, explained_at, explained_by, note)
     values ('provider-a', 'nightly', 'par_changed', $1, $2, $3, $4, '2026-11-22', '2026-11-22', '2026-11-22',
             'open', null, null, null),
            ('provider-a', null, 'unknown_to_us', $1, $2, null, $4, '2026-11-22', '2026-11-22', '2026-11-22',
             'explained', '2026-11-23', 'kim', $4)`,
    [userId, par(1), wholePar, words],
  );
  await noteUpload(ledger, {
    id: uploadId,
    job: 'nightly',
    fileName: 'list.csv',
    storedName: 'list.csv',
    sha256: '0'.repeat(64),
    bytes: 1,
    by: { name: 'tester', account: null },
    needsApproval: false,
    reportsDirectory: `${world.folder}/runs`,
    host: 'here',
    at: new Date('2026-11-22T16:00:00Z'),
  });
  return { world, desk: await openLedgerDesk(ledger, world.folder) };
}

describe.each(ledgerEngines)('pages of the desk, ledger on $name', (engine) => {
  test.skipIf(engine.missing)('show no whole id', async () => {
    const { world, desk } = await openWorld(engine);
    await using _world = world;
    await using _desk = desk;
    const paths = [
      '/',
      '/uploads/new',
      `/uploads/${uploadId}`,
      '/runs',
      `/runs/${runId}`,
      `/runs/${runId}/rejected`,
    ];
    const others = ['/search', '/breaks', '/breaks/par_changed', '/breaks/1', '/breaks/2', '/nothing'];
    const asked = [userId, par(1), wholePar, `${runId}:2`, `${runId}:4`, '9999999999999'];
    for (const language of languages) {
      const shown: [string, string][] = [];
      for (const path of [...paths, ...others]) shown.push([path, (await desk.get(path, language)).text]);
      for (const what of asked)
        shown.push([what, (await desk.post('/search', '/search', { what }, language)).text]);
      expect(shown.map(([path]) => path)).toHaveLength(18);
      for (const id of [userId, par(1), wholePar, '9999999999999'])
        expect(shown.filter(([, text]) => text.includes(id)).map(([path]) => path)).toEqual([]);
      // The ids are shown, but masked.
      expect(shown.filter(([, text]) => text.includes('12*******0123')).length).toBeGreaterThan(5);
    }
  });
});
