import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readAuditTrail } from '../../../src/ledger/desk/audit-trail.ts';
import {
  expirePlans,
  keepPlan,
  keepRefusal,
  readOnceMore,
  readUnderOtherSettings,
} from '../../../src/ledger/desk/upload-plans.ts';
import { askForRun, findUploadRequest } from '../../../src/ledger/desk/upload-requests.ts';
import { findSameFile, noteUpload, readUpload } from '../../../src/ledger/desk/upload-table.ts';
import type { OpenLedger } from '../../../src/ledger/engine/open-ledger.ts';
import { ledgerEngines, openTestLedger } from '../../support/ledgers.ts';

const at = new Date('2026-11-30T09:00:00Z');
const kim = { name: 'kim', account: null };
const settings = 'f'.repeat(64);
const plan = {
  job: 'proof',
  plan: { due: 3, list: { rowsRead: 5 }, classes: { unprocessed: 3, rejected: 2 } },
};

async function uploaded(
  ledger: OpenLedger,
  changes: { readonly sha256?: string; readonly job?: string; readonly at?: Date } = {},
): Promise<string> {
  const id = randomUUID();
  const file = { fileName: 'list.csv', storedName: 'list.csv', sha256: 'a'.repeat(64), bytes: 9, ...changes };
  const place = { reportsDirectory: '/nowhere', host: 'here' };
  await noteUpload(ledger, { id, job: 'proof', at, ...file, ...place, by: kim, needsApproval: false });
  return id;
}

async function trailOf(ledger: OpenLedger): Promise<readonly string[]> {
  const entries = await readAuditTrail(ledger, { since: null, limit: null });
  return entries.toReversed().map(({ what, detail }) => `${what}: ${detail}`);
}

describe.each(ledgerEngines)('uploads in the ledger ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('are planned or refused once, whoever reads them, and each is an entry of the trail', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const first = await uploaded(ledger);
    await keepPlan(ledger, first, { plan, settings, at });
    await keepPlan(ledger, first, { plan, settings, at });
    const second = await uploaded(ledger);
    const refusal = { en: 'no', ko: null, mayPass: false };
    await keepRefusal(ledger, second, { refusal, reason: 'empty', at });
    await keepRefusal(ledger, second, { refusal, reason: 'empty', at });
    await keepPlan(ledger, second, { plan, settings, at });
    const later = new Date(at.getTime() + 1);
    expect(await expirePlans(ledger, { before: later, at: later })).toBe(1);
    expect(await trailOf(ledger)).toEqual(['planned: 3 to call', 'refused: empty', 'expired: null']);
  });

  it('name the newest earlier upload of the same bytes for the same job, unless nothing can come of it', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const hours = (count: number): Date => new Date(at.getTime() + count * 3_600_000);
    const first = await uploaded(ledger);
    const refused = await uploaded(ledger, { at: hours(1) });
    await keepRefusal(ledger, refused, {
      refusal: { en: 'no', ko: null, mayPass: false },
      reason: 'empty',
      at: hours(1),
    });
    await uploaded(ledger, { at: hours(2), sha256: 'b'.repeat(64) });
    await uploaded(ledger, { at: hours(2), job: 'other' });
    const again = await uploaded(ledger, { at: hours(3) });
    await uploaded(ledger, { at: hours(4) });
    const sameAs = async (id: string): Promise<string | null> => {
      const upload = await readUpload(ledger, id);
      return upload === null ? null : ((await findSameFile(ledger, upload))?.id ?? null);
    };
    expect([await sameAs(first), await sameAs(again)]).toEqual([null, first]);
  });

  it('tell the queue how large their list is', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const id = await uploaded(ledger);
    await keepPlan(ledger, id, { plan, settings, at });
    expect(await askForRun(ledger, id, { by: kim, at, settings })).toBe(true);
    const { request } = (await readUpload(ledger, id)) ?? {};
    expect(await findUploadRequest(ledger, request ?? '')).toMatchObject({ rows: 5, state: 'asked' });
  });

  it('say that the settings changed until their run is asked for', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const id = await uploaded(ledger);
    await keepPlan(ledger, id, { plan, settings, at });
    await readUnderOtherSettings(ledger, id, { by: kim, at, settings });
    expect(await readUpload(ledger, id)).toMatchObject({ state: 'planned', voided: null });
    const others = 'e'.repeat(64);
    expect(await askForRun(ledger, id, { by: kim, at, settings: others })).toBe(false);
    await readUnderOtherSettings(ledger, id, { by: kim, at, settings: others });
    const voided = { why: 'plan_settings', before: { due: 3, classes: plan.plan.classes }, after: null };
    expect(await readUpload(ledger, id)).toMatchObject({ state: 'received', voided });
    await keepPlan(ledger, id, { plan, settings: others, at });
    expect(await readUpload(ledger, id)).toMatchObject({ state: 'planned', voided });
    expect(await askForRun(ledger, id, { by: kim, at, settings: others })).toBe(true);
    expect(await readUpload(ledger, id)).toMatchObject({ state: 'asked', voided: null });
  });

  it('are read again for somebody, for a reason, and each is an entry of the trail', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const id = await uploaded(ledger);
    const lee = { name: 'lee', account: 'https://id.example#7' };
    for (const [by, why] of [
      [kim, 'wanted'],
      [lee, 'let_pass'],
      [lee, 'file_lost'],
    ] as const) {
      await keepPlan(ledger, id, { plan, settings, at });
      await readOnceMore(ledger, id, { by, at, why });
      // It is being read, so this is nothing.
      await readOnceMore(ledger, id, { by, at, why });
      expect(await readUpload(ledger, id)).toMatchObject({ state: 'received', said_yes: by === lee });
    }
    await keepPlan(ledger, id, { plan, settings, at });
    await readUnderOtherSettings(ledger, id, { by: lee, at, settings: 'e'.repeat(64) });
    const entries = (await readAuditTrail(ledger, { since: null, limit: null, uploadId: id })).toReversed();
    expect(
      entries
        .filter(({ what }) => what !== 'planned')
        .map(({ who, account, what, detail }) => [who, account, what, detail]),
    ).toEqual([
      ['kim', null, 'read_again', 'wanted'],
      ['lee', lee.account, 'let_pass', null],
      ['lee', lee.account, 'read_again', 'file_lost'],
      ['lee', lee.account, 'read_again', 'other_settings'],
    ]);
  });
});
