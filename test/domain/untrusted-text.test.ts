import { expect, test } from 'vitest';
import { cleanUntrustedText, quoteName } from '../../src/domain/untrusted-text.ts';

test.each([
  ['members.csv', 'members.csv'],
  ['회원_2026-11.csv', '회원_2026-11.csv'],
  ['in/members.csv', 'in/members.csv'],
  ['Exit 0.csv', '"Exit 0.csv"'],
  ['a" Exit 0: all "b.csv', `"a' Exit 0: all 'b.csv"`],
  ['a\nTotals agree.csv', '"a Totals agree.csv"'],
])('the name %j stands as %s in a sentence', (name, quoted) => {
  expect(quoteName(name)).toBe(quoted);
});

test.each([
  ['Success.', 'Success.'],
  ['  two  words ', 'two  words'],
  ['more than twelve', 'more than tw'],
  ['cut at blank and', 'cut at blank'],
  ['tab\there', 'tab here'],
  ['bell\u0007', 'bell'],
  ['성공', '성공'],
])('of %j at most twelve characters are kept: %j', (text, cleaned) => {
  expect(cleanUntrustedText(text, 12)).toBe(cleaned);
});
