import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { approveUpload } from '../../../src/ledger/desk/approval-table.ts';
import { proveAuditTrail } from '../../../src/ledger/desk/audit-proof.ts';
import { appendAudit } from '../../../src/ledger/desk/audit-trail.ts';
import { openEmbeddedLedger } from '../../../src/ledger/engine/embedded-ledger.ts';
import { migrateLedger } from '../../../src/ledger/engine/migrate.ts';
import { readMigrationSteps } from '../../../src/ledger/engine/migration-steps.ts';

const id = '0b0e7a52-54c5-4a4e-9d0c-6d2f0a1b2c3d';
const at = new Date('2026-11-30T09:00:00Z');

/** As the version before the step appended an entry. */
const APPEND = `with entry as (
    select '2026-11-29T09:00:00Z'::timestamptz as at, 'kim@corp.example' as who, 'uploaded' as what, null::uuid as upload_id,
           null::text as run_id, null::bigint as access_no, 'as then'::text as detail),
  linked as (
    insert into audit_chain as chain (last_no, last_hash)
    select 1, audit_hash('', 1, at, who, what, upload_id, run_id, access_no, detail) from entry
    on conflict (is_only) do update set last_no = chain.last_no + 1,
      last_hash = audit_hash(chain.last_hash, chain.last_no + 1, '2026-11-29T09:00:00Z', 'kim@corp.example', 'uploaded', null,
                             null, null, 'as then')
    returning last_no, last_hash)
  insert into audit_entry (entry_no, at, who, what, upload_id, run_id, access_no, detail, hash)
  select last_no, at, who, what, upload_id, run_id, access_no, detail, last_hash from linked, entry`;

test('the step that brings accounts keeps old chains whole and old uploads approvable, and signs everybody out', async () => {
  const place = await mkdtemp(join(tmpdir(), 'kona-identity-'));
  const ledger = await openEmbeddedLedger(join(place, 'ledger'), join(place, 'nothing-prepared'));
  try {
    const steps = await readMigrationSteps();
    const first = steps.findIndex(({ name }) => name.includes('desk_identity'));
    await ledger.query(
      `create table schema_migration (version integer primary key, name text not null, applied_at timestamptz not null default now())`,
    );
    for (const { version, name, statements } of steps.slice(0, first)) {
      for (const statement of statements) await ledger.query(statement);
      await ledger.query('insert into schema_migration (version, name) values ($1, $2)', [version, name]);
    }
    await ledger.query(APPEND);
    await ledger.query(APPEND);
    await ledger.query(
      `insert into desk_session (token_sha256, person, groups, created_at, seen_at)
       values (repeat('a', 64), 'kim@corp.example', '{}', now(), now())`,
    );
    await ledger.query(
      `insert into desk_upload (id, job, file_name, stored_name, sha256, bytes, uploaded_by, uploaded_at, state, plan,
                                settings_sha256, planned_at, needs_approval)
       values ($1::uuid, 'proof', 'list.csv', 'list.csv', 'a', 9, 'kim@corp.example', now(), 'planned',
               '{"plan": {"due": 3, "classes": {}}}', 's', $2::timestamptz, true)`,
      [id, at.toISOString()],
    );
    await migrateLedger(ledger);
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole', entries: 2 });
    const account = 'https://id.example#k';
    await appendAudit(ledger, { at, who: 'kim@corp.example', account, what: 'signed_in' });
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole', entries: 3 });
    expect(await ledger.query('select 1 from desk_session')).toEqual([]);
    const decision = { at, plannedAt: at, settings: 's' };
    const kim = { name: 'kim@corp.example', account };
    expect(await approveUpload(ledger, id, { ...decision, by: kim })).toBe(false);
    const lee = { name: 'lee@corp.example', account: 'https://id.example#l' };
    expect(await approveUpload(ledger, id, { ...decision, by: lee })).toBe(true);
  } finally {
    await ledger.close();
    await rm(place, { recursive: true, force: true });
  }
});
