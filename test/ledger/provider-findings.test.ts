import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { compareWithProvider } from '../../src/ledger/breaks/provider-findings.ts';
import {
  countMembers,
  readDueMembers,
  type ReconciliationRow,
} from '../../src/ledger/breaks/reconciliation-table.ts';
import { parOf, userIdOf } from '../support/enrolment-world.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';
import { addRecord, answerOf, ask, begin, NIGHT, now } from './reconciliation-world.ts';

const moment = { at: now, night: NIGHT };

/** The breaks there are after comparing: `kind member/card state (details)`, and `by member` who was asked. */
async function compare(on: Ledger, work: ReconciliationRow, at = moment): Promise<string[]> {
  const counts = await countMembers(on, work.reconciliation_no);
  await on.transaction(async (transaction) => await compareWithProvider(transaction, work, counts, at));
  const rows = await on.query<{
    kind: string;
    user_id: string;
    par: string;
    other_user_id: string | null;
    details: string;
    state: string;
  }>('select kind, user_id, par, other_user_id, details, state from break');
  return rows
    .map((row) => {
      const by = row.other_user_id === null ? '' : ` by ${numberOf(row.other_user_id)}`;
      const member = numberOf(row.user_id);
      return `${row.kind} ${member}/${Number(row.par.slice(3))}${by} ${row.state} (${row.details})`;
    })
    .toSorted();
}

function numberOf(userId: string): string {
  return String(BigInt(userId) - BigInt(userIdOf(0)));
}

describe.each(ledgerEngines)('what differs ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('each kind, with what we hold, and nothing of members that gave no answer', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await addRecord(ledger, 1, 1);
    await addRecord(ledger, 2, 2, { status: 'already_active' });
    await addRecord(ledger, 3, 3, { status: 'ambiguous' });
    await addRecord(ledger, 4, 4);
    await addRecord(ledger, 5, 5, { status: 'recovered' });
    await addRecord(ledger, 6, 6);
    const work = await begin(ledger);
    await ask(ledger, work, [
      answerOf(1, [1]),
      answerOf(2, []),
      answerOf(3, [3]),
      answerOf(4, [4, 5, 99]),
      answerOf(5, [5]),
      answerOf(6, [], { member: 'unclear' }),
    ]);
    expect(await compare(ledger, work)).toEqual([
      'missing_at_provider 2/2 open (class already_active; inquiry c-2)',
      'other_member 5/5 by 4 open (no record; inquiry c-4)',
      'unknown_to_us 3/3 open (class ambiguous; inquiry c-3)',
      'unknown_to_us 4/99 open (no record; inquiry c-4)',
    ]);
  });

  it('nothing that the ledger may have heard only after the member was asked', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await addRecord(ledger, 1, 1);
    await addRecord(ledger, 2, 2);
    const work = await begin(ledger);
    await ask(ledger, work, [answerOf(1, []), answerOf(2, [2, 3])]);
    await ledger.query('update enrollment set recorded_at = clock_timestamp()');
    await ledger.query(
      `insert into enrollment (provider, user_id, par, status, prior_status, sending_at, sending_correlation_id, sending_call, claim_run_no, claim_row_no)
       values ('truth', $1, $2, 'sending', 'pending', now(), 'x', 'register', 1, 1)`,
      [userIdOf(2), parOf(3)],
    );
    expect(await compare(ledger, work)).toEqual([]);
    await ledger.query(`update enrollment set recorded_at = '2020-01-01T00:00:00Z'`);
    expect(await compare(ledger, work)).toEqual([
      'missing_at_provider 1/1 open (class enrolled; inquiry c-1)',
    ]);
  });

  it('what is gone is closed, of members that were answered only', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    for (let member = 1; member <= 3; member += 1) await addRecord(ledger, member, member);
    const first = await begin(ledger);
    await ask(ledger, first, [answerOf(1, []), answerOf(2, []), answerOf(3, [3, 1])]);
    const found = [
      'missing_at_provider 1/1 open (class enrolled; inquiry c-1)',
      'missing_at_provider 2/2 open (class enrolled; inquiry c-2)',
      'other_member 1/1 by 3 open (no record; inquiry c-3)',
    ];
    expect(await compare(ledger, first)).toEqual(found);

    // Who was asked of the third is member 3, whoever else the break names.
    const second = await begin(ledger, null, 'reconcile-b');
    const unclear = { correlationId: 'c-3b', member: 'unclear' } as const;
    await ask(ledger, second, [
      answerOf(1, [1], { correlationId: 'c-1b' }),
      answerOf(2, [], { correlationId: 'c-2b' }),
      answerOf(3, [], unclear),
    ]);
    const later = { at: new Date(now.getTime() + 1), night: NIGHT };
    expect(await compare(ledger, second, later)).toEqual([
      'missing_at_provider 1/1 closed (class enrolled; inquiry c-1)',
      'missing_at_provider 2/2 open (class enrolled; inquiry c-2b)',
      'other_member 1/1 by 3 open (no record; inquiry c-3)',
    ]);
  });

  it('a sample closes only its own, a whole one also those of members nobody knows any more', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    for (let member = 1; member <= 3; member += 1) await addRecord(ledger, member, member);
    const whole = await begin(ledger);
    await ask(ledger, whole, [answerOf(1, []), answerOf(2, []), answerOf(3, [])]);
    expect((await compare(ledger, whole)).filter((row) => row.includes('open'))).toHaveLength(3);

    const sample = await begin(ledger, 1, 'reconcile-b');
    const [drawn] = await readDueMembers(ledger, sample.reconciliation_no, 0, 10);
    const card = Number(numberOf(drawn?.userId ?? '0'));
    await ask(ledger, sample, [answerOf(1, [card], { correlationId: 'c-b' })]);
    const later = { at: new Date(now.getTime() + 1), night: NIGHT };
    const rows = await compare(ledger, sample, later);
    expect(rows.filter((row) => row.includes('closed'))).toEqual([
      `missing_at_provider ${card}/${card} closed (class enrolled; inquiry c-${card})`,
    ]);

    await ledger.query('delete from enrollment');
    const again = await begin(ledger, null, 'reconcile-c');
    const latest = { at: new Date(now.getTime() + 2), night: NIGHT };
    expect((await compare(ledger, again, latest)).filter((row) => row.includes('open'))).toEqual([]);
  });

  it('a card that is the other member’s by our ledger and the provider alike is found with the wrong one only', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await addRecord(ledger, 1, 1);
    await addRecord(ledger, 2, 1, { status: 'conflict' });
    const work = await begin(ledger);
    await ask(ledger, work, [answerOf(1, [1]), answerOf(2, [1])]);
    expect(await compare(ledger, work)).toEqual(['other_member 1/1 by 2 open (class conflict; inquiry c-2)']);
  });
});
