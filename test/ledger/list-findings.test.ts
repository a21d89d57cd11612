import { describe, expect, test } from 'vitest';
import {
  explainBreak,
  lockBreaks,
  readBreaks,
  type BreakMoment,
} from '../../src/ledger/breaks/break-table.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import { compareWithLists, scopeOfList } from '../../src/ledger/breaks/list-findings.ts';
import { forgetRows } from '../../src/ledger/privacy/purging.ts';
import { createRun, setRunState, type NewRun } from '../../src/ledger/runs/run-table.ts';
import { parOf, userIdOf } from '../support/enrolment-world.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const provider = 'provider-a';
const job = 'members';
const scope = scopeOfList({ provider, job });
const moment: BreakMoment = { at: new Date('2026-11-22T16:00:00Z'), night: '2026-11-22' };

/** Member and card, by their numbers. */
type Card = readonly [member: number, card: number];

let lists = 0;

/** A list run of the job that came to no end: what is compared is the caller's choice. */
async function listed(
  ledger: Ledger,
  cards: readonly Card[],
  options: { readonly run?: Partial<NewRun>; readonly class?: string } = {},
): Promise<number> {
  lists += 1;
  const run = await createRun(ledger, {
    id: `run-${lists}`,
    job,
    provider,
    kind: 'list',
    night: moment.night,
    listName: 'list.csv',
    content: `content-${lists}`,
    again: false,
    settings: {},
    startedAt: moment.at,
    ...options.run,
  });
  await ledger.query(
    `insert into list_row (run_no, row_no, line, cells, user_id, par, class, settled)
     select $1, n, n, '{}', user_id, par, $4, true
     from unnest($2::text[], $3::text[]) with ordinality as i(user_id, par, n)`,
    [
      run.run_no,
      cards.map(([member]) => userIdOf(member)),
      cards.map(([, card]) => parOf(card)),
      options.class ?? 'enrolled',
    ],
  );
  await setRunState(ledger, run.run_no, 'superseded');
  return run.run_no;
}

async function held(ledger: Ledger, cards: readonly Card[], columns: Record<string, string> = {}) {
  const given: Record<string, string> = { status: 'enrolled', ...columns };
  const names = Object.keys(given);
  await ledger.query(
    `insert into enrollment (provider, user_id, par, ${names.join(', ')})
     select $1, user_id, par, ${names.map((_, index) => `$${index + 4}`).join(', ')}
     from unnest($2::text[], $3::text[]) as i(user_id, par)`,
    [
      provider,
      cards.map(([member]) => userIdOf(member)),
      cards.map(([, card]) => parOf(card)),
      ...Object.values(given),
    ],
  );
}

async function compared(ledger: Ledger, ...runNos: readonly number[]) {
  await ledger.transaction(async (on) => {
    await lockBreaks(on);
    await compareWithLists(on, scope, runNos, moment);
  });
  const selection = { ...scope, asOf: moment.at, state: 'open' as const };
  const rows = await readBreaks(ledger, selection, 0, 100);
  return rows.map((row) => [row.kind, row.user_id, row.par, row.other_par, row.details]);
}

describe.each(ledgerEngines)('list against ledger ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('a listed record that is not success is not enrolled, once, with what stands in the way', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await held(ledger, [[1, 1]], { status: 'conflict', code: '007_031' });
    await held(ledger, [[2, 2]], { status: 'pending' });
    await held(ledger, [[3, 3]]);
    const run = await listed(ledger, [
      [1, 1],
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    const other = await listed(ledger, [[4, 4]], { class: 'disputed' });
    expect(await compared(ledger, run, other)).toEqual([
      ['not_enrolled', userIdOf(1), parOf(1), null, 'conflict 007_031'],
      ['not_enrolled', userIdOf(2), parOf(2), null, 'pending'],
      ['not_enrolled', userIdOf(4), parOf(4), null, 'disputed'],
    ]);
  });

  it('a record that is being called again is what it was before', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const sending = { sending_at: moment.at.toISOString(), sending_call: 'register', claim_run_no: '1' };
    const claim = { ...sending, status: 'sending', claim_row_no: '1' };
    await held(ledger, [[1, 1]], { ...claim, prior_status: 'enrolled', sending_correlation_id: 'a' });
    await held(ledger, [[2, 2]], { ...claim, prior_status: 'transient', sending_correlation_id: 'b' });
    const run = await listed(ledger, [
      [1, 1],
      [2, 2],
    ]);
    expect(await compared(ledger, run)).toEqual([['not_enrolled', userIdOf(2), parOf(2), null, 'transient']]);
  });

  it('who stood in an earlier list of this job and provider is no longer listed; others never were', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    const cards = [1, 2, 3, 4, 5, 6].map((number) => [number, number] as const);
    await held(ledger, cards);
    await listed(ledger, [[1, 1]]);
    await listed(ledger, [[2, 2]], { run: { job: 'others' } });
    await listed(ledger, [[3, 3]], { run: { provider: 'provider-b' } });
    await listed(ledger, [[4, 4]], { run: { kind: 'retry' } });
    const last = await listed(ledger, [[6, 6]]);
    await listed(ledger, [[5, 5]]);
    const [first] = await ledger.query<{ id: string }>('select id from run order by run_no limit 1');
    expect(await compared(ledger, last)).toEqual([
      ['no_longer_listed', userIdOf(1), parOf(1), null, `last in run ${first?.id}`],
    ]);
  });

  it('no longer listed stays open when a purge has forgotten the lists it stood in; explained, it goes with them', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await held(ledger, [
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    const first = await listed(ledger, [
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    const last = await listed(ledger, [[3, 3]]);
    expect(await compared(ledger, last)).toHaveLength(2);
    const [, second] = await readBreaks(ledger, { ...scope, asOf: moment.at, state: 'open' }, 0, 2);
    await explainBreak(ledger, second?.break_no ?? 0, { by: 'kim', note: 'has left', at: moment.at });
    await forgetRows(ledger, first, 0, 10);

    await ledger.query(
      `update break set last_seen_at = last_seen_at - interval '1 day', first_seen_at = first_seen_at - interval '1 day'`,
    );
    expect(await compared(ledger, last)).toEqual([
      ['no_longer_listed', userIdOf(1), parOf(1), null, expect.stringMatching(/^last in run run-/)],
    ]);
    const closed = await readBreaks(ledger, { ...scope, asOf: moment.at, state: 'closed' }, 0, 10);
    expect(closed.map((row) => row.user_id)).toEqual([userIdOf(2)]);
    // It stands in the list again.
    const again = await listed(ledger, [
      [1, 1],
      [3, 3],
    ]);
    await ledger.query(`update break set last_seen_at = first_seen_at`);
    expect(await compared(ledger, again)).toEqual([]);
  });

  it('an old card is told from a card left out, under the same number, also when the newer one goes again', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await held(ledger, [[1, 11]], { first_success_at: '2026-11-01T00:00:00Z' });
    await held(ledger, [[2, 21]], { first_success_at: '2026-11-01T00:00:00Z' });
    await held(ledger, [[2, 22]], { first_success_at: '2026-11-01T00:00:01Z' });
    const first = await listed(ledger, [
      [1, 11],
      [2, 21],
      [2, 22],
    ]);
    await ledger.query(`update run set finished_at = '2026-11-02T00:00:00Z' where run_no = $1`, [first]);
    const without = await listed(ledger, [[2, 22]]);
    const lastIn = expect.stringMatching(/^last in run run-\d+$/) as string;
    // Member 2's cards were listed together: the one that is left out is no old card.
    const bothLeftOut = [
      ['no_longer_listed', userIdOf(1), parOf(11), null, lastIn],
      ['no_longer_listed', userIdOf(2), parOf(21), null, lastIn],
    ];
    expect(await compared(ledger, without)).toEqual(bothLeftOut);
    await explainBreak(ledger, 2, { by: 'kim', note: 'has left', at: moment.at });

    await held(ledger, [[1, 12]], { first_success_at: '2026-11-03T00:00:00Z' });
    await held(ledger, [[2, 23]], { first_success_at: '2026-11-03T00:00:00Z' });
    const replaced = await listed(ledger, [
      [1, 12],
      [2, 22],
      [2, 23],
    ]);
    expect(await compared(ledger, replaced)).toEqual([
      ['old_card', userIdOf(1), parOf(11), parOf(12), lastIn],
    ]);
    // What is explained stays so: it is the same card.
    const [explained] = await readBreaks(ledger, { ...scope, asOf: moment.at, state: 'explained' }, 0, 9);
    expect(explained).toMatchObject({
      break_no: 2,
      kind: 'old_card',
      other_par: parOf(23),
      note: 'has left',
    });

    await ledger.query('update run set finished_at = $2 where run_no = $1', [
      replaced,
      '2026-11-04T00:00:00Z',
    ]);
    const gone = await listed(ledger, [[2, 22]]);
    const rows = await compared(ledger, gone);
    expect(rows).toEqual([
      ['no_longer_listed', userIdOf(1), parOf(11), null, lastIn],
      ['no_longer_listed', userIdOf(1), parOf(12), null, lastIn],
      ['no_longer_listed', userIdOf(2), parOf(23), null, lastIn],
    ]);
    const numbers = await ledger.query<{ break_no: number }>(
      `select break_no from break where state = 'open' order by break_no`,
    );
    expect(numbers.map((row) => row.break_no)).toEqual([1, 3, 4]);
  });

  it('a changed PAR is one break, of the card enrolled last; what else the member has stands for itself', async () => {
    await using setup = await openTestLedger(engine);
    const { ledger } = setup;
    await held(ledger, [[1, 11]], { first_success_at: '2026-11-01T00:00:00Z' });
    await held(ledger, [[1, 12]], { first_success_at: '2026-11-02T00:00:00Z' });
    await held(ledger, [[2, 21]]);
    await held(ledger, [[2, 22]]);
    await held(ledger, [[3, 31]]);
    await listed(ledger, [
      [1, 11],
      [1, 12],
      [2, 21],
      [3, 31],
    ]);
    const last = await listed(ledger, [
      [1, 13],
      [2, 22],
      [3, 31],
      [3, 32],
    ]);
    expect(await compared(ledger, last)).toEqual([
      ['no_longer_listed', userIdOf(1), parOf(11), null, expect.stringMatching(/^last in run run-\d+$/)],
      ['no_longer_listed', userIdOf(2), parOf(21), null, expect.stringMatching(/^last in run run-\d+$/)],
      ['not_enrolled', userIdOf(3), parOf(32), null, 'not in the ledger'],
      ['par_changed', userIdOf(1), parOf(13), parOf(12), 'not in the ledger'],
    ]);
  });
});
