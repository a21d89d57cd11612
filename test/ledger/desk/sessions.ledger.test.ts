import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { proveAuditTrail } from '../../../src/ledger/desk/audit-proof.ts';
import {
  beginSession,
  endSession,
  endSessionsOf,
  findSession,
  isSessionOpen,
  readSessions,
} from '../../../src/ledger/desk/session-table.ts';
import { ledgerEngines, openTestLedger } from '../../support/ledgers.ts';

const kim = { name: 'kim@corp.example', account: 'https://id.example#k', groups: ['finance'] };
const lee = { name: 'lee@corp.example', account: 'https://id.example#l', groups: [] };
const begun = new Date('2026-11-30T09:00:00Z');
const MINUTE_MS = 60_000;

function after(minutes: number): Date {
  return new Date(begun.getTime() + minutes * MINUTE_MS);
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

describe.each(ledgerEngines)('sessions of the desk ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('one is over after 30 minutes without use, and after 12 hours whatever its use', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const [used, idle] = [hashOf('used'), hashOf('idle')];
    await beginSession(ledger, used, kim, begun);
    await beginSession(ledger, idle, kim, begun);
    expect(await findSession(ledger, idle, after(29.9))).toEqual(kim);
    // That was a use.
    expect(await findSession(ledger, idle, after(59))).toEqual(kim);
    expect(await findSession(ledger, idle, after(89))).toBeNull();
    for (let minute = 25; minute < 720; minute += 25)
      expect(await findSession(ledger, used, after(minute))).toEqual(kim);
    expect(await findSession(ledger, used, after(719.9))).toEqual(kim);
    expect(await findSession(ledger, used, after(720))).toBeNull();
  });

  it('one that was ended is gone, and the next sign-in deletes those that are over', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await beginSession(ledger, hashOf('one'), kim, begun);
    await beginSession(ledger, hashOf('two'), lee, begun);
    expect(await endSession(ledger, hashOf('one'))).toEqual({ name: kim.name, account: kim.account });
    expect(await endSession(ledger, hashOf('one'))).toBeNull();
    expect(await findSession(ledger, hashOf('one'), begun)).toBeNull();
    expect(await findSession(ledger, hashOf('two'), begun)).toEqual(lee);
    await beginSession(ledger, hashOf('three'), kim, after(31));
    expect(await ledger.query('select token_sha256 from desk_session')).toEqual([
      { token_sha256: hashOf('three') },
    ]);
  });

  it('holds no token, and nobody under two spellings', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await expect(beginSession(ledger, 'a-token-itself', kim, begun)).rejects.toThrow('desk_session');
    const upper = { ...kim, name: 'Kim@corp.example' };
    await expect(beginSession(ledger, hashOf('one'), upper, begun)).rejects.toThrow('desk_session');
  });

  it('people see the sessions of their account, under any address, and end one or all of them', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    const tokens = ['one', 'two', 'three'].map(hashOf);
    const [one = '', two = '', three = ''] = tokens;
    await beginSession(ledger, one, kim, begun);
    await beginSession(ledger, two, { ...kim, name: 'kim.new@corp.example' }, after(1));
    await beginSession(ledger, three, kim, after(2));
    await beginSession(ledger, hashOf('lee'), lee, after(2));
    // An address that belongs to another account now is another person.
    await beginSession(ledger, hashOf('other'), { ...kim, account: lee.account }, after(2));
    const asked = { tokenHash: two, now: after(3) };
    const seen = await readSessions(ledger, kim.account, asked);
    expect(seen.map(({ created_at: at, is_this: isThis }) => [at, isThis])).toEqual([
      [after(2), false],
      [after(1), true],
      [after(0), false],
    ]);
    expect((await readSessions(ledger, kim.account, { ...asked, now: after(30) })).length).toBe(2);
    const sessionId = seen[0]?.session_id ?? '';
    expect(await endSessionsOf(ledger, lee, { sessionId, at: after(3) })).toBe(0);
    expect(await endSessionsOf(ledger, kim, { sessionId, at: after(3) })).toBe(1);
    expect(await endSessionsOf(ledger, kim, { sessionId, at: after(3) })).toBe(0);
    expect(
      await Promise.all(tokens.map(async (token) => await isSessionOpen(ledger, token, after(3)))),
    ).toEqual([true, true, false]);
    expect(await isSessionOpen(ledger, one, after(30))).toBe(false);
    expect(await endSessionsOf(ledger, kim, { sessionId: null, at: after(4) })).toBe(2);
    expect(await ledger.query('select person from desk_session order by person')).toEqual([
      { person: kim.name },
      { person: lee.name },
    ]);
    const { name: who, account } = kim;
    expect(
      await ledger.query('select who, account, what, detail from audit_entry order by entry_no'),
    ).toEqual(
      [2, 0, 1].map((minute) => ({
        who,
        account,
        what: 'session_ended',
        detail: `of kim@corp.example, begun 2026-11-30T09:0${minute}:00Z`,
      })),
    );
  });

  it('operations end those of a person, or all, by a function of the ledger, and the trail tells it', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    for (const [token, person] of [
      ['one', kim],
      ['two', kim],
      ['three', lee],
    ] as const)
      await beginSession(ledger, hashOf(token), person, begun);
    const end = async (person: string) => await ledger.query(`select end_desk_sessions(${person}) as ended`);
    expect(await end(`' Kim@corp.example'`)).toEqual([{ ended: 2 }]);
    expect(await end('null')).toEqual([{ ended: 1 }]);
    expect(await end('null')).toEqual([{ ended: 0 }]);
    expect(
      await ledger.query(
        'select who = session_user as is_role, what, detail from audit_entry order by entry_no',
      ),
    ).toEqual(
      [kim, kim, lee].map(({ name }) => ({ is_role: true, what: 'session_ended', detail: `of ${name}` })),
    );
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole', entries: 3 });
  });
});
