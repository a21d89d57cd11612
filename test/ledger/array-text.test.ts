import { expect, test } from 'vitest';
import { arrayText } from '../../src/ledger/engine/array-text.ts';

test.each([
  [[], '{}'],
  [['a', 'a', 'b', 'a'], '{"a","a","b","a"}'],
  [[null, null, '', 'NULL', null], '{NULL,NULL,"","NULL",NULL}'],
  [['1', '1'], '{"1","1"}'],
  [[1, 1, 2.5, null, -3], '{1,1,2.5,NULL,-3}'],
  [[true, false, false], '{true,false,false}'],
  [['say "so"', String.raw`a\b`, String.raw`a\b`], String.raw`{"say \"so\"","a\\b","a\\b"}`],
  [['a,b', '{c}', ' d '], '{"a,b","{c}"," d "}'],
])('%j is written as %s', (values, text) => {
  expect(arrayText(values)).toBe(text);
});
