import { expect, test } from 'vitest';
import { createAudienceContext, dataCells, developerCells } from '../../../src/report/csv/audience-rows.ts';
import { layOutResults } from '../../../src/report/csv/result-layout.ts';
import type { ReportedRow } from '../../../src/ledger/runs/reported-rows.ts';

function reported(row: Partial<ReportedRow>): ReportedRow {
  return {
    row_no: 1,
    line: 2,
    cells: ['1', 'P'],
    class: 'bad_data',
    kept: false,
    code: '000_002',
    message: null,
    http_status: 400,
    correlation_id: null,
    attempts: 1,
    first_attempt_at: null,
    last_attempt_at: null,
    nights: 0,
    first_line: null,
    first_class: null,
    class_given_by: null,
    settled: null,
    rejection: null,
    reply: null,
    ...row,
  };
}

const context = createAudienceContext(
  layOutResults(['id', 'card'], 2, 'run'),
  { userId: 0, par: 1 },
  { language: 'en', nightsLimit: 14 },
);

test.each([
  ['Invalid input parameter. userId', 'id'],
  ['invalid input parameter. PAR', 'card'],
  ['Invalid input parameter. userId, par', 'id, card'],
  ['Invalid input parameter. phoneNumber', 'id, card'],
  ['Invalid input parameter: userId', 'id, card'],
  [null, 'id, card'],
])('a 000_002 with the words %j names the column to correct: %s', (message, columns) => {
  expect(dataCells(reported({ message }), context)[4]).toBe(columns);
});

test('developers read beside an unknown code what it means on sister calls', () => {
  const row = reported({ class: 'unknown_code', code: '001_006' });
  expect(developerCells(row, context)[7]).toBe(
    'no rule for "001_006" (HTTP 400): give it a class under outcomes in the job file (on sister calls: wallet user not found)',
  );
});
