import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import type { Sandbox } from '../../src/sandbox/wire/server.ts';
import { askCode, otherPar, plainBody, plansCall, sendCall, signedCall, somePar } from './raw-client.ts';
import { makeFolder, openSandbox } from './sandbox-world.ts';

/** Every row of the page's "Test Data": what the fixtures say, the answer, and what cures it. */
const testData: [string, string, string, string][] = [
  ['000_002', `cards: [{ par: ${somePar}, input: invalid }]`, 'Invalid input parameter.', 'input: valid'],
  ['001_003', `cards: [{ par: ${somePar}, status: unknown }]`, 'Invalid par.', 'status: active'],
  ['007_012', `cards: [{ par: ${somePar}, plan: other-member }]`, 'Par already exist.', 'plan: none'],
  ['007_012', `cards: [{ par: ${somePar}, plan: other-kind }]`, 'Par already exist.', 'plan: none'],
  [
    '007_015',
    `members: [{ user: '1', openBankingTerms: not-accepted }]`,
    'User does not accept open bank terms and conditions.',
    'openBankingTerms: accepted',
  ],
  [
    '007_016',
    `cards: [{ par: ${somePar}, status: inactive }]`,
    'Card status is not active.',
    'status: active',
  ],
  [
    '007_027',
    `members: [{ user: '1', firmBankingTerms: not-accepted }]`,
    'User does not accept firm banking terms and conditions.',
    'firmBankingTerms: accepted',
  ],
  [
    '007_031',
    `members: [{ user: '1', account: none }]`,
    'Bank account for auto recharge is not registered.',
    'account: registered',
  ],
];

async function putFixtures(sandbox: Sandbox, body: string) {
  const reply = await fetch(`${sandbox.baseUrl}/_sandbox/fixtures`, { method: 'PUT', body });
  return { status: reply.status, text: await reply.text() };
}

describe('the page’s Test Data', () => {
  test.each(testData)('%s by %s, until it is cured', async (code, text, description, cure) => {
    const cured = text.replace(/(\w+): (not-accepted|invalid|unknown|inactive|other-\w+|none)/, cure);
    expect(cured).not.toBe(text);
    const sandbox = await openSandbox({ fixtures: parseFixtures(text) });
    for (let time = 0; time < 2; time += 1) {
      expect(await sendCall(sandbox.baseUrl, signedCall(plainBody('1', somePar)))).toMatchObject({
        status: 400,
        text: JSON.stringify({ response: { code, description } }),
      });
    }
    expect(sandbox.truth()).toEqual([]);
    expect((await putFixtures(sandbox, cured)).status).toBe(200);
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('000_000');
  });

  test('already active and another member’s: who is registered', async () => {
    const sandbox = await openSandbox({
      fixtures: parseFixtures(`registered: [{ user: '1', par: ${somePar}, since: '20240131120000' }]`),
    });
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('007_017');
    expect(await askCode(sandbox.baseUrl, '2', somePar)).toBe('007_012');
    expect(sandbox.truth()).toEqual([
      { userId: '1', par: somePar, registeredAt: '2024-01-31T03:00:00.000Z' },
    ]);
    await putFixtures(sandbox, '');
    expect(await askCode(sandbox.baseUrl, '2', somePar)).toBe('000_000');
  });

  test('looked at every code of it', () => {
    const codes = new Set([...testData.map(([code]) => code), '007_017']);
    expect([...codes].toSorted()).toEqual(
      '000_002 001_003 007_012 007_015 007_016 007_017 007_027 007_031'.split(' '),
    );
  });
});

test('a member’s condition is for all of the member’s cards, and for nobody else', async () => {
  const sandbox = await openSandbox({ fixtures: parseFixtures("members: [{ user: '1', account: none }]") });
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('007_031');
  expect(await askCode(sandbox.baseUrl, '1', otherPar)).toBe('007_031');
  expect(await askCode(sandbox.baseUrl, '2', somePar)).toBe('000_000');
});

test('of several conditions the first in the order of checks decides', async () => {
  const sandbox = await openSandbox();
  const card = { answer: "'009_999'", input: 'invalid', status: 'inactive', plan: 'other-kind' };
  const member = { openBankingTerms: 'not-accepted', firmBankingTerms: 'not-accepted', account: 'none' };
  const rest = [...Object.entries(card), ...Object.entries(member)];
  const answers: string[] = [];
  for (let left = rest.length; left >= 0; left -= 1) {
    const pick = (of: object): string =>
      Object.entries(of)
        .filter(([key]) => rest.slice(rest.length - left).some(([kept]) => kept === key))
        .map(([key, word]) => `, ${key}: ${String(word)}`)
        .join('');
    const [ofCard, ofMember] = [pick(card), pick(member)];
    sandbox.replaceFixtures(
      parseFixtures(
        [
          ofCard === '' ? '' : `cards: [{ par: ${somePar}${ofCard} }]`,
          ofMember === '' ? '' : `members: [{ user: '1'${ofMember} }]`,
        ].join('\n'),
      ),
    );
    answers.push(await askCode(sandbox.baseUrl, '1', somePar));
  }
  expect(answers).toEqual([
    '009_999',
    '000_002',
    '007_016',
    '007_012',
    '007_015',
    '007_027',
    '007_031',
    '000_000',
  ]);
});

test('whose plan it is outweighs the member’s conditions, not the card’s', async () => {
  const registered = `registered: [{ user: '1', par: ${somePar} }]`;
  const sandbox = await openSandbox({
    fixtures: parseFixtures(`${registered}\nmembers: [{ user: '1', account: none }]`),
  });
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('007_017');
  sandbox.replaceFixtures(parseFixtures(`${registered}\ncards: [{ par: ${somePar}, status: inactive }]`));
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('007_016');
});

describe('fixtures at run time', () => {
  test('are those of the body, counted', async () => {
    const sandbox = await openSandbox();
    const body = `members: [{ user: '1', account: none }]\ncards: [{ par: ${somePar}, faults: ['429'] }]`;
    expect(await putFixtures(sandbox, body)).toEqual({
      status: 200,
      text: '{"registered":0,"members":1,"cards":1}',
    });
    expect(sandbox.stats()).toMatchObject({ calls: 0, inquiries: 0 });
  });

  test('that are invalid change nothing, and every problem is told without an id', async () => {
    const sandbox = await openSandbox({ fixtures: parseFixtures("members: [{ user: '1', account: none }]") });
    const body = `cards: [{ par: ${somePar}, status: dead }]\nmembers: [{ user: '1' }]`;
    const { status, text } = await putFixtures(sandbox, body);
    expect(status).toBe(400);
    expect(text).toContain('expected active or unknown or inactive');
    expect(text).toContain('cards[0].status');
    expect(text).toContain('members[0]');
    expect(text).not.toContain(somePar);
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('007_031');
  });

  test('leave what happened as it is', async () => {
    const sandbox = await openSandbox();
    await askCode(sandbox.baseUrl, '1', somePar);
    await putFixtures(
      sandbox,
      `registered: [{ user: '2', par: ${somePar} }, { user: '2', par: ${otherPar} }]`,
    );
    expect(sandbox.truth()).toMatchObject([
      { userId: '1', par: somePar },
      { userId: '2', par: otherPar },
    ]);
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('007_017');
    const plans = await sendCall(sandbox.baseUrl, plansCall('2'));
    expect(plans.kind === 'whole' && plans.text.match(/"par":"\w+"/g)).toEqual([`"par":"${otherPar}"`]);
  });

  test('a script goes on where it was, and a changed one begins anew', async () => {
    const sandbox = await openSandbox();
    const script = (...faults: string[]) =>
      `cards: [{ par: ${somePar}, faults: [${faults.map((fault) => `'${fault}'`).join(', ')}] }]`;
    await putFixtures(sandbox, script('500 before', '503 before'));
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('500');
    await putFixtures(sandbox, script('500 before', '503 before'));
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('503');
    await putFixtures(sandbox, script('502 before'));
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('502');
    expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('000_000');
  });
});

test('a condition that was cured in the file is cured after a restart, with the same state', async () => {
  const folder = await makeFolder();
  const statePath = join(folder, 'state.ndjson');
  const live = async (text: string) => {
    const sandbox = await openSandbox({ statePath, fixtures: parseFixtures(text) });
    const codes = [
      await askCode(sandbox.baseUrl, '1', somePar),
      await askCode(sandbox.baseUrl, '2', otherPar),
    ];
    await sandbox.close();
    return codes;
  };
  expect(await live("members: [{ user: '1', account: none }]")).toEqual(['007_031', '000_000']);
  expect(await live("members: [{ user: '1', account: registered }]")).toEqual(['000_000', '007_017']);
});
