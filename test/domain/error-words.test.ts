import { expect, test } from 'vitest';
import { messageOf } from '../../src/domain/error-words.ts';

test.each([
  ['an error', new Error('no connection'), 'no connection'],
  ['a text', 'no connection', 'no connection'],
  ['nothing', undefined, 'undefined'],
  ['several without words of their own', new AggregateError([new Error('::1'), 'v4']), '::1; v4'],
  ['several with words', new AggregateError([new Error('::1')], 'both refused'), 'both refused'],
])('%s', (_, thrown, words) => {
  expect(messageOf(thrown)).toBe(words);
});
