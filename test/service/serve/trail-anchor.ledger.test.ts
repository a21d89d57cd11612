import { describe, expect, test } from 'vitest';
import { appendAudit } from '../../../src/ledger/desk/audit-trail.ts';
import { forgetAuditEntries } from '../../../src/ledger/desk/audit-purge.ts';
import { proveAuditTrail } from '../../../src/ledger/desk/audit-proof.ts';
import type { OpenLedger } from '../../../src/ledger/engine/open-ledger.ts';
import { anchorOnce, keepAnchoring } from '../../../src/service/serve/trail-anchor.ts';
import { embeddedEngine, ledgerEngines, openTestLedger } from '../../support/ledgers.ts';
import { createStubClock } from '../../support/stub-clock.ts';

const at = new Date('2026-11-30T09:00:00Z');

async function append(ledger: OpenLedger, entries: number): Promise<void> {
  for (let no = 0; no < entries; no += 1) await appendAudit(ledger, { at, who: 'kim', what: 'signed_in' });
}

/** As somebody who may do anything in the database and knows the chain would. */
async function tamper(ledger: OpenLedger, statements: readonly string[]): Promise<void> {
  await ledger.query('alter table audit_entry disable trigger user');
  await ledger.query('alter table audit_chain disable trigger user');
  for (const sql of statements) await ledger.query(sql);
  await ledger.query('alter table audit_entry enable trigger user');
  await ledger.query('alter table audit_chain enable trigger user');
}

const CUT = [
  'delete from audit_entry where entry_no > 2',
  'update audit_chain set last_no = 2, last_hash = (select hash from audit_entry where entry_no = 2)',
];

const REWRITTEN = [
  'delete from audit_entry',
  'delete from audit_chain',
  ...[1, 2, 3, 4].map(
    () => `select append_audit('2026-11-30T09:00:00Z', 'lee', 'signed_in', null, null, null, null, null)`,
  ),
];

describe.each(ledgerEngines)('the last entry of the trail, told elsewhere ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it.each([
    ['its end is cut off', CUT],
    ['it is written anew', REWRITTEN],
  ])('shows that %s, where the chain itself is whole', async (_what, statements) => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const told: string[] = [];
    const tell = (sentence: string): void => {
      told.push(sentence);
    };
    expect(await anchorOnce({ ledger, tell }, null)).toBeNull();
    expect(told).toEqual([]);
    await append(ledger, 4);
    const anchor = await anchorOnce({ ledger, tell }, null);
    expect(told).toEqual([
      expect.stringMatching(
        /^the audit trail is whole: 4 entries, the last is 4 with the hash [0-9a-f]{64}$/,
      ),
    ]);
    await append(ledger, 1);
    await anchorOnce({ ledger, tell }, anchor);
    expect(told.at(-1)).toContain('5 entries');
    await tamper(ledger, statements);
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole' });
    await anchorOnce({ ledger, tell }, anchor);
    expect(told.at(-2)).toMatch(/^AUDIT TRAIL CHANGED: entry 4 with the hash [0-9a-f]{64}/);
  });

  it('is no trouble where a purge took it, and a broken chain is told', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const told: string[] = [];
    const tell = (sentence: string): void => {
      told.push(sentence);
    };
    await append(ledger, 2);
    const anchor = await anchorOnce({ ledger, tell }, null);
    const later = new Date('2029-01-01T00:00:00Z');
    expect(await forgetAuditEntries(ledger, { before: later, now: later })).toBe(2);
    const next = await anchorOnce({ ledger, tell }, anchor);
    expect([next?.entryNo, told.length]).toEqual(['3', 2]);
    await tamper(ledger, [`update audit_entry set who = 'lee'`]);
    expect(await anchorOnce({ ledger, tell }, next)).toBe(next);
    expect(told.at(-1)).toMatch(/^AUDIT TRAIL BROKEN: entry 3 /);
  });
});

test('it is told at the start, once a day, and again after the ledger was gone, until the stop', async () => {
  await using opened = await openTestLedger(embeddedEngine);
  const { ledger } = opened;
  await append(ledger, 1);
  const clock = createStubClock(async () => {
    await ledger.query('select 1');
  });
  const stop = new AbortController();
  const told: string[] = [];
  let isGone = false;
  const gone: Pick<OpenLedger, 'query'> = {
    query: async (...asked) =>
      isGone ? await Promise.reject(new Error('the ledger is gone')) : await ledger.query(...asked),
  };
  const heard = Promise.withResolvers<void>();
  const waits: (() => void)[] = [heard.resolve];
  const done = keepAnchoring({
    ledger: gone,
    clock,
    stop: stop.signal,
    tell: (sentence) => {
      told.push(sentence);
      waits.shift()?.();
    },
  });
  await heard.promise;
  for (const isGoneNow of [true, false]) {
    isGone = isGoneNow;
    const next = Promise.withResolvers<void>();
    waits.push(next.resolve);
    while (clock.sleeping === 0) await ledger.query('select 1');
    await clock.advance(86_400_000);
    await next.promise;
  }
  stop.abort();
  await done;
  expect(told.map((sentence) => sentence.slice(0, 35))).toEqual([
    'the audit trail is whole: 1 entries',
    'the audit trail could not be proved',
    'the audit trail is whole: 1 entries',
  ]);
});
