import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { summaryOf } from './program-output.ts';

interface Member {
  readonly userId: string;
  readonly par: string;
}

const RECORDS = 300;
/** Where digits are lost, if any are: around 2^53, 2^63 and the lengths at either end. */
const edges = [
  '1',
  '9',
  '10',
  '9007199254740991',
  '9007199254740993',
  '999999999999999999',
  '9223372036854775807',
  '9223372036854775808',
  '9999999999999999999',
  '1000000000000000001',
];

/** Members nobody thought of, other ones in every run of the suite; each id and each PAR once. */
function anyMembers(seed: number): readonly Member[] {
  const userIds = fc.uniqueArray(fc.stringMatching(/^[1-9][0-9]{0,18}$/), {
    minLength: RECORDS,
    maxLength: RECORDS,
  });
  const pars = fc.uniqueArray(fc.stringMatching(/^[A-Z0-9]{27}$/), {
    minLength: RECORDS,
    maxLength: RECORDS,
  });
  const [drawn] = fc.sample(fc.tuple(userIds, pars), { numRuns: 1, seed });
  const [ids = [], cards = []] = drawn ?? [];
  const all = [...edges, ...ids.filter((id) => !edges.includes(id))].slice(0, RECORDS);
  return all.map((userId, index) => ({ userId, par: cards[index] ?? '' }));
}

function inOrder(members: readonly Member[]): readonly string[] {
  return members.map(({ userId, par }) => `${userId} ${par}`).toSorted();
}

test.each([
  ['plain', 'off'],
  ['encrypted', 'required'],
] as const)(
  'any user id and any PAR go through body, provider, ledger and report digit for digit, %s',
  async (_, encryption) => {
    const seed = Date.now();
    const members = anyMembers(seed);
    await using world = await createWorld({ engine: embeddedEngine, encryption });
    const lines = members.map(({ userId, par }) => `${userId},${par}`);
    await world.writeList('list.csv', `user_id,par\n${lines.join('\n')}\n`);
    const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    // The seed is told where it fails: with it the same members come again.
    expect([seed, summary.classes['enrolled']]).toEqual([seed, RECORDS]);

    expect(inOrder(world.sandbox.truth())).toEqual(inOrder(members));
    const results = await world.readReport(summary.runId, 'results.csv');
    const rows = parse<Record<string, string>>(results, { columns: true, bom: true });
    expect(rows.map((row) => `${row['user_id']},${row['par']}`)).toEqual(lines);
    const ledger = await openLedger(world.ledger.address);
    const records = await ledger.query<{ user_id: string; par: string }>(
      'select user_id, par from enrollment',
    );
    await ledger.close();
    expect(inOrder(records.map((row) => ({ userId: row.user_id, par: row.par })))).toEqual(inOrder(members));
  },
);
