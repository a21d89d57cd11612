import { describe, expect, test } from 'vitest';
import {
  comesAgainClasses,
  failedClasses,
  rowClasses,
  whoMustAct,
  type RowClass,
} from '../../src/domain/class.ts';
import { onlyRow, type Ledger } from '../../src/ledger/ledger-port.ts';
import { readAnsweredRows, readRowFigures } from '../../src/ledger/proofs/row-groups.ts';
import { ledgerEngines, openTestLedger } from '../support/ledgers.ts';

const NIGHTS = 3;
const ROWS = 600;
const codes = [null, '000_000', '001_003', '007_017', '007_027', '__proto__', '12'] as const;
const resolvable = new Set<RowClass | null>(failedClasses);
const returning = new Set<RowClass>(comesAgainClasses);

interface PlantedRow {
  readonly row_no: number;
  readonly class: RowClass | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly http_status: number | null;
  readonly attempts: number;
  readonly kept: boolean;
  readonly nights: number;
  readonly resolution_no: number | null;
  readonly class_given_by: 'job_file' | 'former_rule' | null;
}

/** Rows of all kinds, the same each time. */
function rowsOf(): PlantedRow[] {
  let state = 7;
  const below = (most: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % most;
  };
  const oneOf = <Value>(values: readonly Value[]): Value => values[below(values.length)] as Value;
  return Array.from({ length: ROWS }, (_, at) => {
    const name = oneOf([...rowClasses, null]);
    const isResolved = resolvable.has(name) && below(3) === 0;
    return {
      row_no: at + 1,
      class: name,
      code: name === null ? null : oneOf(codes),
      message: oneOf([null, '', 'first words', 'other words']),
      http_status: oneOf([null, 200, 500]),
      attempts: below(3),
      kept: below(4) === 0,
      nights: below(5),
      resolution_no: isResolved ? 1 + below(9) : null,
      class_given_by: oneOf([null, null, 'job_file', 'former_rule']),
    };
  });
}

async function plant(ledger: Ledger, rows: readonly PlantedRow[]): Promise<number> {
  const { run_no: runNo } = onlyRow(
    await ledger.query<{ run_no: number }>(
      `insert into run (id, job, provider, kind, state, night, list_name, content, settings, started_at)
       values ('run', 'nightly', 'provider-a', 'list', 'staging', '2026-11-22', 'list.csv', 'c', '{}', '2026-11-22')
       returning run_no`,
    ),
  );
  await ledger.query(
    `insert into list_row (run_no, row_no, line, cells, user_id, par, class, code, message, http_status, attempts, kept,
                           nights, resolution_no, class_given_by, first_row_no)
     select $1, row_no, row_no + 1, '{}', row_no::text, 'PAR' || lpad(row_no::text, 24, '0'), class, code, message,
            http_status, attempts, kept, nights, resolution_no, class_given_by, case when class = 'duplicate' then 1 end
     from jsonb_to_recordset($2::jsonb) as r(row_no integer, class text, code text, message text, http_status integer,
       attempts integer, kept boolean, nights integer, resolution_no integer, class_given_by text)`,
    [runNo, JSON.stringify(rows)],
  );
  return runNo;
}

const classOf = (row: PlantedRow): RowClass => row.class ?? 'unprocessed';
const comesAgain = (row: PlantedRow): boolean => row.resolution_no === null && returning.has(classOf(row));

function count(rows: readonly PlantedRow[], keyOf: (row: PlantedRow) => unknown): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const key = JSON.stringify(keyOf(row));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

describe.each(ledgerEngines)('figures of a run’s rows, ledger on $name', (engine) => {
  const run = engine.missing ? test.skip : test;

  run('say of each figure what counting the rows one by one says', async () => {
    await using setup = await openTestLedger(engine);
    const rows = rowsOf();
    const runNo = await plant(setup.ledger, rows);
    const figures = await readRowFigures(setup.ledger, runNo, NIGHTS);
    for (const name of rowClasses) {
      const ofClass = rows.filter((row) => classOf(row) === name);
      expect(figures.classes[name]).toBe(ofClass.length);
      expect(figures.resolved[name]).toBe(ofClass.filter((row) => row.resolution_no !== null).length);
    }
    const used = rows.filter(
      (row) => comesAgain(row) && row.nights === NIGHTS && row.attempts > 0 && !row.kept,
    );
    expect(figures.nightsUsedUp).toBe(used.length);
    const coded = rows.filter((row) => row.code !== null && row.class !== 'rejected');
    expect(new Map(Object.entries(figures.codes).map(([code, n]) => [JSON.stringify(code), n]))).toEqual(
      count(coded, (row) => row.code),
    );
    const work = count(rows, (row) => {
      const isSettled = row.resolution_no !== null;
      const nightsUsedUp = comesAgain(row) && row.nights >= NIGHTS;
      const isRefused = row.class === 'unknown_code' && row.code === null && !isSettled;
      const actor = isSettled ? 'nobody' : whoMustAct(classOf(row), nightsUsedUp, isRefused);
      return [classOf(row), actor, nightsUsedUp, isSettled];
    });
    expect(
      new Map(
        figures.work.map((one) => [
          JSON.stringify([one.class, one.actor, one.nightsUsedUp, one.isSettled]),
          one.rows,
        ]),
      ),
    ).toEqual(work);
    expect(figures.work.map((one) => rowClasses.indexOf(one.class))).toEqual(
      figures.work.map((one) => rowClasses.indexOf(one.class)).toSorted((a, b) => a - b),
    );
    const given = rows.filter((row) => row.class_given_by !== null);
    expect(
      new Map(figures.givenClasses.map((one) => [JSON.stringify([one.by, one.code, one.class]), one.rows])),
    ).toEqual(count(given, (row) => [row.class_given_by, row.code, classOf(row)]));
  });

  run('give each kind of answer the words of its first row that has any', async () => {
    await using setup = await openTestLedger(engine);
    const rows = rowsOf();
    const runNo = await plant(setup.ledger, rows);
    const { answers } = await readRowFigures(setup.ledger, runNo, NIGHTS);
    const keyOf = (row: PlantedRow) => [row.code, row.code === null ? row.http_status : null, classOf(row)];
    const answered = rows.filter(
      (row) => row.class !== 'rejected' && (row.code !== null || (row.attempts > 0 && !row.kept)),
    );
    const told = await readAnsweredRows(setup.ledger, runNo, answers, ROWS);
    expect(
      new Map(told.map((one) => [JSON.stringify([one.code, one.httpStatus, one.class]), one.rows])),
    ).toEqual(count(answered, keyOf));
    expect(told.map((one) => one.rows)).toEqual(told.map((one) => one.rows).toSorted((a, b) => b - a));
    for (const one of told) {
      const key = JSON.stringify([one.code, one.httpStatus, one.class]);
      const first = answered.find((row) => JSON.stringify(keyOf(row)) === key && (row.message ?? '') !== '');
      expect(one.message).toBe(first?.message ?? null);
      expect(one.ids[0] ?? null).toBe(first === undefined ? null : String(first.row_no));
    }
    const two = await readAnsweredRows(setup.ledger, runNo, answers, 2);
    expect(two.map((one) => one.kinds)).toEqual([told.length, told.length]);
  });
});
