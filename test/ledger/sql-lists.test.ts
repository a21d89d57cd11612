import { expect, test } from 'vitest';
import { callClasses, recordStatuses, rowClasses, successStatuses } from '../../src/domain/class.ts';
import { exitCauses } from '../../src/domain/exit-cause.ts';
import { classGivers } from '../../src/domain/provider-code.ts';
import { runStates, unfinishedStates } from '../../src/domain/run-state.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import {
  CALLED_LIST,
  CLOSED_LIST,
  COMES_AGAIN_LIST,
  NEEDS_PERSON_LIST,
  ROWLESS_LIST,
  SUCCESS_LIST,
  UNFINISHED_LIST,
} from '../../src/ledger/sql-lists.ts';
import { embeddedEngine, openTestLedger } from '../support/ledgers.ts';

/** The words in quotes of a piece of SQL. */
function wordsIn(sql: string): readonly string[] {
  return Array.from(sql.matchAll(/'([a-z_]+)'/g), ([, word = '']) => word);
}

/** What the CHECK of a column lists; of several the longest. */
async function allowedIn(ledger: Ledger, table: string, column: string): Promise<readonly string[]> {
  const checks = await ledger.query<{ text: string }>(
    `select pg_get_constraintdef(c.oid) as text from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid
     where c.contype = 'c' and c.conrelid = $1::regclass and a.attname = $2 and a.attnum = any (c.conkey)
       and pg_get_constraintdef(c.oid) like '%ANY%' order by length(pg_get_constraintdef(c.oid)) desc limit 1`,
    [table, column],
  );
  return wordsIn(checks[0]?.text ?? '');
}

test('the ledger allows what the domain knows, and nothing else', async () => {
  await using opened = await openTestLedger(embeddedEngine);
  const { ledger } = opened;
  for (const [table, column, known] of [
    ['list_row', 'class', rowClasses],
    ['enrollment', 'status', recordStatuses],
    ['attempt', 'outcome', [...callClasses, 'stop_run', 'held']],
    ['run', 'state', runStates],
    ['run', 'exit_cause', exitCauses],
    ['enrollment', 'class_given_by', classGivers],
  ] as const) {
    const allowed = await allowedIn(ledger, table, column);
    expect([table, column, allowed.toSorted()]).toEqual([table, column, known.toSorted()]);
  }
});

test('what views, indexes and functions list is what the domain does', async () => {
  await using opened = await openTestLedger(embeddedEngine);
  const definitions = await opened.ledger.query<{ name: string; text: string }>(
    `select viewname as name, definition as text from pg_views where schemaname = current_schema()
     union all select indexname, indexdef from pg_indexes where schemaname = current_schema()
     union all select proname, prosrc from pg_proc where pronamespace = current_schema()::regnamespace`,
  );
  const lists = definitions.flatMap(({ name, text }) =>
    Array.from(text.matchAll(/ARRAY\[([^\]]*)\]|\bin \(('[^)]*)\)/g), ([, array, list]) => ({
      name,
      words: wordsIn(array ?? list ?? ''),
    })),
  );
  const unfinished = lists.find(({ name }) => name === 'run_unfinished');
  expect(unfinished?.words.toSorted()).toEqual(unfinishedStates.toSorted());
  const known = new Set([successStatuses, callClasses].map((list) => list.toSorted().join()));
  const ofClasses = lists.filter(({ words }) => words.includes('enrolled'));
  const others = ofClasses.filter(({ words }) => !known.has(words.toSorted().join()));
  expect(others).toEqual([]);
});

test('lists in SQL are closed lists of plain names', () => {
  for (const list of [
    CALLED_LIST,
    CLOSED_LIST,
    COMES_AGAIN_LIST,
    NEEDS_PERSON_LIST,
    ROWLESS_LIST,
    SUCCESS_LIST,
    UNFINISHED_LIST,
  ]) {
    expect(list).toMatch(/^\('[a-z_]+'(?:, '[a-z_]+')*\)$/);
  }
});
