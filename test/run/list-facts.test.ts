import { expect, test } from 'vitest';
import { parseListNotes } from '../../src/run/list-facts.ts';

/** As runs kept them before anything more was noted. */
const earliest = {
  name: 'list.csv',
  format: 'csv',
  encoding: 'utf-8',
  verdict: { encoding: 'utf-8', how: 'ascii', samples: [] },
  delimiter: ',',
  headerLine: 1,
  columns: { userId: 'user_id', par: 'par' },
  handedBack: false,
  rowsRead: 3,
  blankLines: 0,
  titleLines: 0,
  totalsLines: 0,
  normalised: {},
  formulas: 0,
};

test('notes of older runs are read, what they do not say is nothing', () => {
  expect(parseListNotes(earliest)).toEqual({ ...earliest, sheets: null, zeroEnded: null, fittedRows: 0 });
  expect(parseListNotes({ ...earliest, fittedRows: 12 })).toMatchObject({ fittedRows: 12 });
  expect(parseListNotes({ ...earliest, fittedRows: -1 })).toBeNull();
  expect(parseListNotes(null)).toBeNull();
});
