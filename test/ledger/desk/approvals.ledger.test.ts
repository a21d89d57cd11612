import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  approveUpload,
  declineUpload,
  findRunApproval,
  noteApprovedRun,
  voidApproval,
} from '../../../src/ledger/desk/approval-table.ts';
import { proveAuditTrail } from '../../../src/ledger/desk/audit-proof.ts';
import type { DeskPerson } from '../../../src/ledger/desk/audit-trail.ts';
import { withdrawUpload } from '../../../src/ledger/desk/upload-requests.ts';
import { isUploader, mayDecide, noteUpload, readUpload } from '../../../src/ledger/desk/upload-table.ts';
import { openLedger, type OpenLedger } from '../../../src/ledger/engine/open-ledger.ts';
import { ledgerEngines, openTestLedger } from '../../support/ledgers.ts';

const kim = { name: 'kim@corp.example', account: null };
const lee = { name: 'lee@corp.example', account: null };
const plannedAt = new Date('2026-11-30T09:00:00Z');
const at = new Date('2026-11-30T09:05:00Z');
const settings = 'f'.repeat(64);

/** A list that kim uploaded, planned: three of its five records would be called. */
async function planned(ledger: OpenLedger, by: DeskPerson = kim): Promise<string> {
  const id = randomUUID();
  const sha256 = 'a'.repeat(64);
  const upload = { id, job: 'proof', fileName: 'list.csv', storedName: 'list.csv', sha256, bytes: 9 };
  await noteUpload(ledger, {
    ...upload,
    by,
    at: plannedAt,
    needsApproval: true,
    reportsDirectory: '/nowhere',
    host: 'here',
  });
  const plan = { job: 'proof', plan: { due: 3, classes: { unprocessed: 3, already_done: 2 } } };
  await ledger.query(
    `update desk_upload set state = 'planned', plan = $2::jsonb, settings_sha256 = $3,
       planned_at = $4::timestamptz where id = $1::uuid`,
    [id, JSON.stringify(plan), settings, plannedAt.toISOString()],
  );
  return id;
}

async function stateOf(ledger: OpenLedger, id: string) {
  const [row] = await ledger.query<{ state: string; approved_by: string | null; request: string | null }>(
    'select state, approved_by, request::text as request from desk_upload where id = $1::uuid',
    [id],
  );
  return row;
}

function personOf(name: string, sub: string): DeskPerson {
  return { name: `${name}@corp.example`, account: `https://id.example#${sub}` };
}

const decision = { by: lee, at, plannedAt, settings };

describe.each(ledgerEngines)('four eyes ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('another person approves what they saw: that file, those settings, that plan', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const id = await planned(ledger);
    for (const other of [
      { ...decision, by: kim },
      { ...decision, by: { ...kim, name: ' KIM@corp.example ' } },
      { ...decision, settings: 'e'.repeat(64) },
      { ...decision, plannedAt: at },
    ]) {
      expect(await approveUpload(ledger, id, other)).toBe(false);
      expect(await stateOf(ledger, id)).toEqual({ state: 'planned', approved_by: null, request: null });
    }
    expect(await approveUpload(ledger, id, decision)).toBe(true);
    const { request } = (await stateOf(ledger, id)) ?? {};
    expect(await findRunApproval(ledger, request ?? '')).toMatchObject({
      upload_id: id,
      approved_by: lee.name,
      approved_at: at,
      approved_settings: settings,
      figures: { due: 3, classes: { unprocessed: 3, already_done: 2 } },
      calls_left: 3,
      is_used: false,
    });
    expect(await ledger.query('select who, what, upload_id, detail from audit_entry')).toEqual([
      { who: lee.name, what: 'approved', upload_id: id, detail: '3 to call' },
    ]);
  });

  it('the database itself lets nobody approve their own, nor begin without an approval, nor under another file', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const id = await planned(ledger);
    const approve = (by: string): string =>
      `update desk_upload set approved_by = '${by}', approved_at = now(), approved_sha256 = sha256,
         approved_settings = settings_sha256, approved_classes = '{}', approved_calls = 3`;
    for (const [sql, constraint] of [
      [approve(kim.name), 'desk_upload_four_eyes'],
      [approve('  Kim@CORP.example'), 'desk_upload_four_eyes'],
      [
        `update desk_upload set declined_by = '${kim.name}', declined_at = now(), declined_reason = 'no'`,
        'desk_upload_four_eyes',
      ],
      [
        `update desk_upload set state = 'asked', request = gen_random_uuid(), asked_by = 'x'`,
        'desk_upload_approved',
      ],
      [`update desk_upload set approved_by = '${lee.name}'`, 'desk_upload_approval_whole'],
      [`${approve(lee.name)}, sha256 = 'other'`, 'desk_upload_approval_fits'],
    ])
      await expect(ledger.query(sql ?? '')).rejects.toThrow(constraint);
    await ledger.query(approve(lee.name));
    // Once approved, neither file nor settings can become others.
    for (const column of ['sha256', 'settings_sha256', 'uploaded_by'])
      await expect(
        ledger.query(`update desk_upload set ${column} = '${lee.name}' where id = $1::uuid`, [id]),
      ).rejects.toThrow(/desk_upload_(?:approval_fits|four_eyes)/);
  });

  it.each<[string, DeskPerson, DeskPerson, { mayDecide: boolean; isUploader: boolean }]>([
    ['another person', personOf('kim', 'k'), personOf('lee', 'l'), { mayDecide: true, isUploader: false }],
    [
      'a second address of one account',
      personOf('kim', 'k'),
      personOf('kim.lee', 'k'),
      { mayDecide: false, isUploader: true },
    ],
    [
      'an address that is another account’s now',
      personOf('kim', 'k'),
      personOf('kim', 'n'),
      { mayDecide: false, isUploader: false },
    ],
    ['somebody without an account', personOf('kim', 'k'), lee, { mayDecide: false, isUploader: false }],
    ['an upload of an earlier version', kim, personOf('lee', 'l'), { mayDecide: true, isUploader: false }],
    ['one’s own of an earlier version', kim, personOf('kim', 'k'), { mayDecide: false, isUploader: true }],
  ])('an account is one person, whatever their addresses: %s', async (_case, uploader, other, expected) => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const id = await planned(ledger, uploader);
    const upload = await readUpload(ledger, id);
    expect({
      mayDecide: upload !== null && mayDecide(upload, other),
      isUploader: upload !== null && isUploader(upload, other),
    }).toEqual(expected);
    // The database holds it by itself, too.
    const force = async (sql: string): Promise<string> =>
      await ledger.query(sql, [other.name, other.account, id]).then(
        () => 'done',
        (error: unknown) => /desk_upload_four_eyes/.exec(String(error))?.[0] ?? String(error),
      );
    const outcome = expected.mayDecide ? 'done' : 'desk_upload_four_eyes';
    const forced = await force(
      `update desk_upload set approved_by = $1, approved_account = $2, approved_at = now(), approved_sha256 = sha256,
         approved_settings = settings_sha256, approved_classes = '{}', approved_calls = 3 where id = $3::uuid`,
    );
    expect(forced).toBe(outcome);
    const declined = await force(
      `update desk_upload set declined_by = $1, declined_account = $2, declined_at = now(), declined_reason = 'no'
       where id = $3::uuid`,
    );
    expect(declined).toBe(outcome);
    const second = await planned(ledger, uploader);
    const no = { ...decision, by: other, reason: 'no' };
    expect(await approveUpload(ledger, second, { ...decision, by: other })).toBe(expected.mayDecide);
    const third = await planned(ledger, uploader);
    expect(await declineUpload(ledger, third, no)).toBe(expected.mayDecide);
    expect(await ledger.query('select who, account from audit_entry order by entry_no')).toEqual(
      expected.mayDecide
        ? [
            { who: other.name, account: other.account },
            { who: other.name, account: other.account },
          ]
        : [],
    );
  });

  it('of two who decide at once one wins, whatever they decide, and the other is told', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger, world } = opened;
    const other = engine.name === 'embedded' ? ledger : await openLedger(world.address);
    const ann = { ...decision, by: { name: 'ann@corp.example', account: null } };
    try {
      const approved = await planned(ledger);
      const approvals = await Promise.all([
        approveUpload(ledger, approved, decision),
        approveUpload(other, approved, ann),
      ]);
      expect(approvals.toSorted()).toEqual([false, true]);
      expect(await stateOf(ledger, approved)).toMatchObject({
        state: 'asked',
        approved_by: approvals[0] ? lee.name : ann.by.name,
      });
      const disputed = await planned(ledger);
      const decisions = await Promise.all([
        approveUpload(ledger, disputed, decision),
        declineUpload(other, disputed, { ...ann, reason: 'no' }),
      ]);
      expect(decisions.toSorted()).toEqual([false, true]);
      expect((await stateOf(ledger, disputed))?.state).toBe(decisions[0] ? 'asked' : 'declined');
      const withdrawn = await planned(ledger);
      await Promise.all([approveUpload(ledger, withdrawn, decision), withdrawUpload(other, withdrawn)]);
      // A withdrawal counts up to the begin, so that it wins whoever was first.
      expect((await stateOf(ledger, withdrawn))?.state).toBe('withdrawn');
      expect(await approveUpload(ledger, withdrawn, decision)).toBe(false);
    } finally {
      if (other !== ledger) await other.close();
    }
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole' });
    const told = await ledger.query<{ upload_id: string }>(
      `select upload_id from audit_entry where what in ('approved', 'refused')`,
    );
    // Who came late left no entry.
    expect(new Set(told.map((entry) => entry.upload_id)).size).toBe(told.length);
  });

  it('whoever declines says why, and nothing comes of the upload any more', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const id = await planned(ledger);
    const no = { ...decision, reason: 'last month’s list, see 1234567890123456789' };
    expect(await declineUpload(ledger, id, { ...no, by: kim })).toBe(false);
    expect(await declineUpload(ledger, id, no)).toBe(true);
    expect(await approveUpload(ledger, id, decision)).toBe(false);
    expect((await stateOf(ledger, id))?.state).toBe('declined');
    expect(await ledger.query('select who, what, detail from audit_entry')).toEqual([
      { who: lee.name, what: 'refused', detail: 'last month’s list, see 12*************6789' },
    ]);
  });

  it('one that is void is asked for again, with both plans; records that were called are among the approved ones', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const id = await planned(ledger);
    await approveUpload(ledger, id, decision);
    const request = (await stateOf(ledger, id))?.request ?? '';
    await ledger.query(`update desk_upload set state = 'running', begun_at = now()`);
    await noteApprovedRun(ledger, request, 41);
    await ledger.query(
      `insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, reply_kind, outcome)
       values (41, 1, 1, '2026-11-30', 'c1', now(), 'answered', 'transient'),
              (41, 1, 1, '2026-11-30', 'c2', now(), 'answered', 'enrolled'),
              (41, 2, 2, '2026-11-30', 'c3', now(), 'answered', 'enrolled'),
              (40, 3, 3, '2026-11-30', 'c4', now(), 'answered', 'enrolled')`,
    );
    expect(await findRunApproval(ledger, request)).toMatchObject({ calls_left: 1, is_used: true });
    const figures = { due: 3, classes: { unprocessed: 3, already_done: 2 } };
    const after = { due: 5, classes: { unprocessed: 5 } };
    const voided = { why: 'more_calls', before: figures, after } as const;
    expect(await voidApproval(ledger, request, { at, voided })).toBe(true);
    expect(await voidApproval(ledger, request, { at, voided })).toBe(false);
    expect(await findRunApproval(ledger, request)).toBeNull();
    expect(await ledger.query('select state, approved_by, voided from desk_upload')).toEqual([
      { state: 'received', approved_by: null, voided },
    ]);
    expect(
      await ledger.query('select who, what, detail from audit_entry order by entry_no desc limit 1'),
    ).toEqual([
      { who: 'kona-enroll', what: 'voided', detail: 'more_calls: 3 to call were approved, 5 would be' },
    ]);
  });
});
