import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { appendAudit, readAuditTrail, type NewAuditEntry } from '../../../src/ledger/desk/audit-trail.ts';
import { proveAuditTrail } from '../../../src/ledger/desk/audit-proof.ts';
import { forgetAuditEntries } from '../../../src/ledger/desk/audit-purge.ts';
import { openLedger, type OpenLedger } from '../../../src/ledger/engine/open-ledger.ts';
import { ledgerEngines, openTestLedger } from '../../support/ledgers.ts';

const uploadId = '0b0e7a52-54c5-4a4e-9d0c-6d2f0a1b2c3d';
const at = new Date('2026-11-30T09:00:00Z');

function entry(over: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return { at, who: 'kim@corp.example', what: 'uploaded', uploadId, ...over };
}

/** As somebody who may do anything in the database would. */
async function tamper(ledger: OpenLedger, sql: string): Promise<void> {
  await ledger.query('alter table audit_entry disable trigger user');
  await ledger.query(sql);
  await ledger.query('alter table audit_entry enable trigger user');
}

async function appendMany(ledger: OpenLedger, entries: number): Promise<void> {
  for (let no = 1; no <= entries; no += 1) await appendAudit(ledger, entry({ detail: `no ${no}` }));
}

describe.each(ledgerEngines)('the audit trail of the desk ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('each entry’s hash is SHA-256 over the one before and the entry as JSON', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await appendAudit(ledger, entry());
    const detail = 'wrong "list": 카드\n1234567890123456789';
    await appendAudit(
      ledger,
      entry({ what: 'refused', who: '이@corp.example', runId: 'r-1', accessNo: '3', detail }),
    );
    const [second, first] = await readAuditTrail(ledger, { since: null, limit: null });
    expect(first).toMatchObject({
      entry_no: '1',
      upload_id: uploadId,
      run_id: null,
      access_no: null,
      detail: null,
      at,
    });
    // Nothing of a whole id is kept.
    expect(second?.detail).toBe('wrong "list": 카드\n12*************6789');
    const hashOf = (fields: readonly unknown[]): string =>
      // As json_build_array writes it.
      createHash('sha256')
        .update(`[${fields.map((field) => JSON.stringify(field)).join(', ')}]`)
        .digest('hex');
    const time = '2026-11-30T09:00:00.000000Z';
    const hash = hashOf(['', 1, time, 'kim@corp.example', 'uploaded', uploadId, null, null, null]);
    expect(first?.hash).toBe(hash);
    expect(second?.hash).toBe(
      hashOf([hash, 2, time, '이@corp.example', 'refused', uploadId, 'r-1', 3, second?.detail]),
    );
    expect(await proveAuditTrail(ledger)).toEqual({
      kind: 'whole',
      entries: 2,
      lastNo: '2',
      lastHash: second?.hash,
    });
    // The account of whoever did it follows where there is one.
    const account = 'https://id.example#1234567890123456789';
    await appendAudit(ledger, entry({ account }));
    const [third] = await readAuditTrail(ledger, { since: null, limit: 1 });
    expect(third?.account).toBe(account);
    expect(third?.hash).toBe(
      hashOf([second?.hash, 3, time, 'kim@corp.example', 'uploaded', uploadId, null, null, null, account]),
    );
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole', entries: 3 });
    await tamper(ledger, `update audit_entry set account = 'https://id.example#other' where entry_no = 3`);
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'broken', entryNo: '3' });
    await tamper(ledger, `update audit_entry set account = null where entry_no = 3`);
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'broken', entryNo: '3' });
    await tamper(ledger, `delete from audit_entry where entry_no = 3`);
    await ledger.query('update audit_chain set last_no = 2, last_hash = $1', [second?.hash ?? '']);
    expect(await readAuditTrail(ledger, { since: new Date(at.getTime() + 1), limit: null })).toEqual([]);
    expect(await readAuditTrail(ledger, { since: at, limit: 1 })).toEqual([second]);
    expect(await readAuditTrail(ledger, { since: at, limit: null, uploadId: randomUUID() })).toEqual([]);
  });

  it('an entry is part of the transaction it tells of, and two at once stand one after the other', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger, world } = opened;
    await expect(
      ledger.transaction(async (transaction) => {
        await appendAudit(transaction, entry());
        throw new Error('it was not done');
      }),
    ).rejects.toThrow('it was not done');
    expect(await proveAuditTrail(ledger)).toEqual({ kind: 'whole', entries: 0, lastNo: '0', lastHash: null });
    const other = engine.name === 'embedded' ? ledger : await openLedger(world.address);
    try {
      const both = [ledger, other].map(async (one) => {
        await appendMany(one, 20);
      });
      await Promise.all(both);
    } finally {
      if (other !== ledger) await other.close();
    }
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole', entries: 40 });
  });

  it('no statement changes, deletes or empties it', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await appendMany(ledger, 2);
    for (const sql of [
      `update audit_entry set who = 'lee@corp.example'`,
      'delete from audit_entry where entry_no = 2',
      'truncate audit_entry',
      'delete from audit_chain',
    ]) {
      await expect(ledger.query(sql)).rejects.toThrow('is never changed');
    }
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole', entries: 2 });
  });

  it.each([
    [`update audit_entry set who = 'lee@corp.example' where entry_no = 3`, '3', 'changed'],
    [`update audit_entry set at = at + interval '1 microsecond' where entry_no = 1`, '1', 'changed'],
    ['delete from audit_entry where entry_no = 2', '2', 'missing'],
    ['delete from audit_entry where entry_no = 1', '1', 'missing'],
    ['delete from audit_entry where entry_no = 5', '5', 'missing'],
    ['delete from audit_entry where entry_no > 3', '4', 'missing'],
    // Written anew with a hash that fits: the next one does not follow.
    [
      `update audit_entry a set detail = 'other', hash = audit_hash(
         (select hash from audit_entry where entry_no = a.entry_no - 1), entry_no, at, who, what, upload_id, run_id, access_no, 'other')
       where entry_no in (4)`,
      '5',
      'changed',
    ],
    [
      `update audit_entry a set detail = 'other', hash = audit_hash(
         (select hash from audit_entry where entry_no = a.entry_no - 1), entry_no, at, who, what, upload_id, run_id, access_no, 'other')
       where entry_no in (5)`,
      '5',
      'changed',
    ],
    ['delete from audit_chain', '1', 'changed'],
  ])('names the first entry that does not fit: %s', async (sql, entryNo, why) => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await appendMany(ledger, 5);
    if (sql.endsWith('audit_chain')) await ledger.query('alter table audit_chain disable trigger user');
    await tamper(ledger, sql);
    expect(await proveAuditTrail(ledger)).toEqual({ kind: 'broken', entryNo, why });
  });

  it('is proved in pages, and a purge takes the oldest away without breaking it', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await ledger.query(
      `do $$ begin for n in 1..4001 loop
         insert into audit_chain as chain (last_no, last_hash)
         values (1, audit_hash('', 1, '2020-01-01Z', 'kim', 'planned', null, null, null, null))
         on conflict (is_only) do update set last_no = chain.last_no + 1,
           last_hash = audit_hash(chain.last_hash, chain.last_no + 1, '2020-01-01Z', 'kim', 'planned', null, null, null, null);
         insert into audit_entry (entry_no, at, who, what, upload_id, hash)
         select last_no, '2020-01-01Z', 'kim', 'planned', null, last_hash from audit_chain;
       end loop; end $$`,
    );
    await appendMany(ledger, 2);
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole', entries: 4003 });

    const old = { before: at, now: at };
    expect(await forgetAuditEntries(ledger, old)).toBe(4001);
    expect(await forgetAuditEntries(ledger, old)).toBe(0);
    // What was purged is told by the trail itself.
    expect(await readAuditTrail(ledger, { since: null, limit: 1 })).toMatchObject([
      { entry_no: '4004', who: 'kona-enroll', what: 'purged', detail: '4001 entries, up to 4001' },
    ]);
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole', entries: 3 });
    await appendMany(ledger, 1);
    await tamper(ledger, 'delete from audit_entry where entry_no = 4002');
    expect(await proveAuditTrail(ledger)).toEqual({ kind: 'broken', entryNo: '4002', why: 'missing' });
  });

  it('nothing younger than two years is purged', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await appendMany(ledger, 2);
    const now = new Date('2028-11-29T00:00:00Z');
    expect(await forgetAuditEntries(ledger, { before: now, now })).toBe(0);
    const later = new Date('2028-12-01T00:00:00Z');
    expect(await forgetAuditEntries(ledger, { before: later, now: later })).toBe(2);
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole', entries: 1 });
  });
});
