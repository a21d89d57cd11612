import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { beginSession, endSession, findSession } from '../../../src/ledger/desk/session-table.ts';
import { ledgerEngines, openTestLedger } from '../../support/ledgers.ts';

const kim = { person: 'kim@corp.example', groups: ['finance'] };
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
    await beginSession(ledger, hashOf('two'), { person: 'lee@corp.example', groups: [] }, begun);
    expect(await endSession(ledger, hashOf('one'))).toBe('kim@corp.example');
    expect(await endSession(ledger, hashOf('one'))).toBeNull();
    expect(await findSession(ledger, hashOf('one'), begun)).toBeNull();
    expect(await findSession(ledger, hashOf('two'), begun)).toEqual({
      person: 'lee@corp.example',
      groups: [],
    });
    await beginSession(ledger, hashOf('three'), kim, after(31));
    expect(await ledger.query('select token_sha256 from desk_session')).toEqual([
      { token_sha256: hashOf('three') },
    ]);
  });

  it('holds no token, and nobody under two spellings', async () => {
    await using opened = await openTestLedger(engine);
    const { ledger } = opened;
    await expect(beginSession(ledger, 'a-token-itself', kim, begun)).rejects.toThrow('desk_session');
    const upper = { ...kim, person: 'Kim@corp.example' };
    await expect(beginSession(ledger, hashOf('one'), upper, begun)).rejects.toThrow('desk_session');
  });
});
