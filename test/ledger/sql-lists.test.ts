import { expect, test } from 'vitest';
import { callClasses, recordStatuses, rowClasses, successStatuses } from '../../src/domain/class.ts';
import { exitCauses } from '../../src/domain/exit-cause.ts';
import { classGivers } from '../../src/domain/provider-code.ts';
import { breakKinds } from '../../src/domain/reconciliation/break.ts';
import {
  reconciliationStates,
  unfinishedReconciliationStates,
} from '../../src/domain/reconciliation/reconciliation-state.ts';
import { rejectionReasons } from '../../src/domain/rejection/rejection.ts';
import { runStates, unfinishedStates } from '../../src/domain/run-state.ts';
import type { Ledger } from '../../src/ledger/ledger-port.ts';
import {
  CALLED_LIST,
  CLOSED_LIST,
  CLOSED_RECONCILIATION_LIST,
  COMES_AGAIN_LIST,
  ENDED_LIST,
  NEEDS_PERSON_LIST,
  ROWLESS_LIST,
  SUCCESS_LIST,
  UNFINISHED_LIST,
  UNFINISHED_RECONCILIATION_LIST,
} from '../../src/ledger/sql-lists.ts';
import { embeddedEngine, openTestLedger } from '../support/ledgers.ts';

/** The words in quotes of a piece of SQL. */
function wordsIn(sql: string): readonly string[] {
  return Array.from(sql.matchAll(/'([a-z_]+)'/g), ([, word = '']) => word);
}

/** What the CHECKs of a table list for a column; of several lists the longest. */
async function allowedIn(ledger: Ledger, table: string, column: string): Promise<readonly string[]> {
  const checks = await ledger.query<{ text: string }>(
    `select pg_get_constraintdef(oid) as text from pg_constraint where contype = 'c' and conrelid = $1::regclass`,
    [table],
  );
  const lists = checks.flatMap(({ text }) =>
    Array.from(text.matchAll(/\((\w+) = ANY \(ARRAY\[([^\]]*)\]/g), ([, name, words = '']) =>
      name === column ? [wordsIn(words)] : [],
    ).flat(),
  );
  return lists.toSorted((one, other) => other.length - one.length)[0] ?? [];
}

test('the ledger allows what the domain knows, and nothing else', async () => {
  await using opened = await openTestLedger(embeddedEngine);
  const { ledger } = opened;
  for (const [table, column, known] of [
    ['list_row', 'class', rowClasses],
    ['list_row', 'code', rejectionReasons],
    ['enrollment', 'status', recordStatuses],
    ['attempt', 'outcome', [...callClasses, 'stop_run', 'held']],
    ['run', 'state', runStates],
    ['run', 'exit_cause', exitCauses],
    ['enrollment', 'class_given_by', classGivers],
    ['reconciliation', 'state', reconciliationStates],
    ['break', 'kind', breakKinds],
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
  const unfinishedAsking = lists.find(({ name }) => name === 'reconciliation_unfinished');
  expect(unfinishedAsking?.words.toSorted()).toEqual(unfinishedReconciliationStates.toSorted());
  const known = new Set([successStatuses, callClasses].map((list) => list.toSorted().join()));
  const ofClasses = lists.filter(({ words }) => words.includes('enrolled'));
  const others = ofClasses.filter(({ words }) => !known.has(words.toSorted().join()));
  expect(others).toEqual([]);
});

test('lists in SQL are closed lists of plain names', () => {
  for (const list of [
    CALLED_LIST,
    CLOSED_LIST,
    CLOSED_RECONCILIATION_LIST,
    COMES_AGAIN_LIST,
    ENDED_LIST,
    NEEDS_PERSON_LIST,
    ROWLESS_LIST,
    SUCCESS_LIST,
    UNFINISHED_LIST,
    UNFINISHED_RECONCILIATION_LIST,
  ]) {
    expect(list).toMatch(/^\('[a-z_]+'(?:, '[a-z_]+')*\)$/);
  }
});
