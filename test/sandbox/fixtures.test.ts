import { expect, test } from 'vitest';
import { parseFixtures, registeredLongAgo } from '../../src/sandbox/provider/fixtures.ts';
import { otherPar, somePar } from './raw-client.ts';
import { catchCoded } from './sandbox-world.ts';

test('a whole file', () => {
  const text = `
registered:
  - { user: '9999999999999999999', par: '${otherPar}' }
cards:
  - { par: '${somePar}', user: '1', answer: '007_015' }
  - par: '${somePar}'
    faults: ['429 1s', '429', '500 before', 'reset after', 'truncated after', 'hang before', 'slow 300ms']
`;
  expect(parseFixtures(text)).toEqual({
    setUp: { refused: false, field: null },
    registered: [{ user: '9999999999999999999', par: otherPar, registeredAt: registeredLongAgo }],
    members: [],
    cards: [
      { par: somePar, user: '1', answer: '007_015', message: null, door: null, faults: [] },
      {
        par: somePar,
        user: null,
        answer: null,
        message: null,
        door: null,
        faults: [
          { kind: 'too_many', retryAfterSeconds: 1, asDate: false },
          { kind: 'too_many', retryAfterSeconds: null, asDate: false },
          { kind: 'page', status: 500, when: 'before' },
          { kind: 'connection', how: 'reset', when: 'after' },
          { kind: 'connection', how: 'truncated', when: 'after' },
          { kind: 'connection', how: 'hang', when: 'before' },
          { kind: 'slow', ms: 300 },
        ],
      },
    ],
  });
});

test.each(['', '# nothing yet\n', 'cards: []'])('no fixtures: %j', (text) => {
  expect(parseFixtures(text)).toEqual({
    setUp: { refused: false, field: null },
    registered: [],
    members: [],
    cards: [],
  });
});

const digitsOnlyPar = '123456789012345678901234567';

test.each([
  [
    'an id that is a number',
    `registered: [{ user: 1234567890123456789, par: ${somePar} }]`,
    'registered[0].user',
    'in quotes',
  ],
  [
    'a PAR that is a number',
    `cards: [{ par: ${digitsOnlyPar}, answer: '007_015' }]`,
    'cards[0].par',
    'in quotes',
  ],
  [
    'an id of 20 digits',
    `cards: [{ par: ${somePar}, user: '12345678901234567890', answer: '007_015' }]`,
    'cards[0].user',
    '19 digits',
  ],
  [
    'an id with a leading zero',
    `cards: [{ par: ${somePar}, user: '01', answer: '007_015' }]`,
    'cards[0].user',
    'leading zero',
  ],
  [
    'a PAR of 26',
    `cards: [{ par: ${somePar.slice(1)}, answer: '007_015' }]`,
    'cards[0].par',
    '27 characters',
  ],
  ['a number as code', `cards: [{ par: ${somePar}, answer: 7015 }]`, 'cards[0].answer', '007_015'],
  ['success as a condition', `cards: [{ par: ${somePar}, answer: '000_000' }]`, 'cards[0].answer', '000_000'],
  [
    'an unknown fault',
    `cards: [{ par: ${somePar}, faults: ['429', 'explode'] }]`,
    'cards[0].faults[1]',
    'reset before',
  ],
  [
    'a fault without its moment',
    `cards: [{ par: ${somePar}, faults: ['reset'] }]`,
    'cards[0].faults[0]',
    'reset before',
  ],
  ['a card that says nothing', `cards: [{ par: ${somePar} }]`, 'cards[0]', 'answer or faults'],
  ['a card that only says whose', `cards: [{ par: ${somePar}, user: '1' }]`, 'cards[0]', 'answer or faults'],
  ['a member that says nothing', "members: [{ user: '1' }]", 'members[0]', 'account or inquiryFaults'],
  [
    'a member twice',
    "members: [{ user: '1', account: none }, { user: '1', account: none }]",
    'members[1]',
    'above already',
  ],
  [
    'an unknown condition',
    "members: [{ user: '1', account: closed }]",
    'members[0].account',
    'registered or none',
  ],
  ['a condition of members at a card', `cards: [{ par: ${somePar}, account: none }]`, 'cards[0]', 'account'],
  [
    'a day that does not exist',
    `registered: [{ user: '1', par: ${somePar}, since: '20260231000000' }]`,
    'registered[0].since',
    'yyyyMMddHHmmss',
  ],
  [
    'a time as a number',
    `registered: [{ user: '1', par: ${somePar}, since: 20260228000000 }]`,
    'registered[0].since',
    'in quotes',
  ],
  ['an unknown key', `cards: [{ par: ${somePar}, answer: '007_015', anwser: x }]`, 'cards[0]', 'anwser'],
  ['an unknown key at the top', 'card: []', 'card', 'nrecognized'],
  ['a list', '[]', '', 'expected object'],
  [
    'one PAR registered twice',
    `registered: [{ user: '1', par: ${somePar} }, { user: '2', par: ${somePar} }]`,
    'registered[1]',
    'above already',
  ],
  [
    'one card twice',
    `cards: [{ par: ${somePar}, answer: '007_015' }, { par: ${somePar}, faults: ['429'] }]`,
    'cards[1]',
    'above already',
  ],
  ['no YAML', `cards:\n  - { par: ${somePar}\n  - nothing`, 'line 3', 'no valid YAML'],
])('%s is refused by its place, without the id', async (_what, text, place, advice) => {
  const { code, message } = await catchCoded(() => parseFixtures(text));
  expect(code).toBe('SANDBOX_FIXTURES_INVALID');
  expect(message).toContain(place);
  expect(message).toContain(advice);
  for (const id of [somePar, somePar.slice(1), digitsOnlyPar, '1234567890123456789']) {
    expect(message).not.toContain(id);
  }
});
