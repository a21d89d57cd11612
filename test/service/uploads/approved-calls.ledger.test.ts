import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashOfSettings } from '../../../src/config/run-settings.ts';
import { approveUpload } from '../../../src/ledger/desk/approval-table.ts';
import { noteUpload } from '../../../src/ledger/desk/upload-table.ts';
import type { OpenLedger } from '../../../src/ledger/engine/open-ledger.ts';
import { checkApproval } from '../../../src/service/uploads/approved-calls.ts';
import { ledgerEngines, openTestLedger } from '../../support/ledgers.ts';

const plannedAt = new Date('2026-11-30T09:00:00Z');
const approvedAt = new Date('2026-11-30T09:05:00Z');
/** As much of a configuration as is looked at before the plan. */
const configuration = { settings: { version: 1, job: 'proof' } } as never;
const settings = hashOfSettings(configuration);
const list = { kind: 'file', path: '/none/list.csv', sheet: null } as const;

async function approved(ledger: OpenLedger): Promise<string> {
  const id = randomUUID();
  const upload = { id, job: 'proof', fileName: 'list.csv', storedName: 'list.csv', sha256: 'a', bytes: 9 };
  await noteUpload(ledger, {
    ...upload,
    by: { name: 'kim@corp.example', account: null },
    at: plannedAt,
    needsApproval: true,
    reportsDirectory: '/nowhere',
    host: 'here',
  });
  const plan = JSON.stringify({ plan: { due: 3, classes: { unprocessed: 3 } } });
  await ledger.query(
    `update desk_upload set state = 'planned', plan = $2::jsonb, settings_sha256 = $3, planned_at = $4::timestamptz
     where id = $1::uuid`,
    [id, plan, settings, plannedAt.toISOString()],
  );
  const by = { name: 'lee@corp.example', account: null };
  await approveUpload(ledger, id, { by, at: approvedAt, plannedAt, settings });
  const [row] = await ledger.query<{ request: string }>('select request::text as request from desk_upload');
  return row?.request ?? '';
}

function environmentOf(ledger: OpenLedger, now: Date, used = configuration) {
  const clock = { now: () => now, monotonic: () => 0, sleep: async () => await Promise.resolve() };
  return { ledger, configuration: used, clock };
}

describe.each(ledgerEngines)('an approval just before its run ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is over after 24 hours in which nothing began', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const request = await approved(ledger);
    const late = new Date(approvedAt.getTime() + 24 * 3_600_000 + 1);
    const why = await checkApproval(environmentOf(ledger, late), request, list);
    expect(why).toMatchObject({ exitCause: 'list_refused' });
    expect(why?.reason).toContain('within 24 hours');
    expect(await ledger.query('select state, approved_by, voided from desk_upload')).toMatchObject([
      { state: 'received', approved_by: null, voided: { why: 'expired', before: { due: 3 }, after: null } },
    ]);
    expect(await ledger.query('select what from audit_entry order by entry_no')).toEqual([
      { what: 'approved' },
      { what: 'expired' },
    ]);
    // Whoever asks again finds that it needs another approval.
    expect(await checkApproval(environmentOf(ledger, late), request, list)).toBeNull();
  });

  it('is void under other settings, also within its time', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const request = await approved(ledger);
    const others = { settings: { version: 1, job: 'proof', limits: {} } } as never;
    const why = await checkApproval(environmentOf(ledger, approvedAt, others), request, list);
    expect(why?.reason).toContain('the settings of the job are not those that were approved');
    expect(await ledger.query('select state, voided from desk_upload')).toMatchObject([
      { state: 'received', voided: { why: 'settings' } },
    ]);
  });

  it('holds to its last moment, and a run that has begun goes on after it', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const request = await approved(ledger);
    await ledger.query(`update desk_upload set state = 'running', begun_at = now(), approved_run_no = 7`);
    const late = new Date(approvedAt.getTime() + 25 * 3_600_000);
    expect(await checkApproval(environmentOf(ledger, late), request, list)).toBeNull();
    expect(await ledger.query('select state, approved_by from desk_upload')).toEqual([
      { state: 'running', approved_by: 'lee@corp.example' },
    ]);
  });
});
