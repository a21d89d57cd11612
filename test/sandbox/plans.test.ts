import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import {
  askCode,
  otherPar,
  plainBody,
  plansCall,
  registerCall,
  sendCall,
  signedCall,
  somePar,
  withHeader,
  type RawCall,
} from './raw-client.ts';
import { openSandbox } from './sandbox-world.ts';
import { openReply, sealedCall, someKeys } from './sealed-client.ts';

const success = { code: '000_000', description: 'Success.' };
const longestId = '9999999999999999999';

/** The answer's JSON, whatever it is. */
async function ask(baseUrl: string, call: RawCall): Promise<unknown> {
  const reply = await sendCall(baseUrl, call);
  return reply.kind === 'whole' ? JSON.parse(reply.text) : reply;
}

test('a member’s registrations, the oldest first, and nobody else’s', async () => {
  const fixtures = parseFixtures(`
registered:
  - { user: '${longestId}', par: ${somePar}, since: '20240229235959' }
  - { user: '9999999999999999998', par: 'Q1${'0'.repeat(25)}' }
`);
  let now = new Date('2026-12-31T15:30:59.999Z');
  const sandbox = await openSandbox({ fixtures, now: () => now });
  await sendCall(sandbox.baseUrl, signedCall(plainBody(longestId, otherPar), { instant: now }));
  now = new Date('2026-12-31T15:31:00.000Z');
  expect(await ask(sandbox.baseUrl, plansCall(longestId, { instant: now }))).toEqual({
    response: success,
    parInfoList: [
      { par: somePar, registeredDate: '20240229235959' },
      { par: otherPar, registeredDate: '20270101003059' },
    ],
  });
  // The same instants, told in the caller's zone.
  expect(await ask(sandbox.baseUrl, plansCall(longestId, { instant: now, zone: 'UTC' }))).toMatchObject({
    parInfoList: [{ registeredDate: '20240229145959' }, { registeredDate: '20261231153059' }],
  });
  expect(sandbox.truth().at(-1)).toEqual({
    userId: longestId,
    par: otherPar,
    registeredAt: '2026-12-31T15:30:59.999Z',
  });
});

test('who has none, known or not, has an empty list', async () => {
  const sandbox = await openSandbox();
  expect(await ask(sandbox.baseUrl, plansCall('1'))).toEqual({ response: success, parInfoList: [] });
});

test('a call that came encrypted is answered so', async () => {
  const sandbox = await openSandbox({ encryptionKeys: someKeys });
  const keys = await sandbox.encryptionKeys();
  await askCode(sandbox.baseUrl, longestId, somePar);
  const call: RawCall = { ...(await sealedCall(`{"userId":${longestId}}`, keys)), kind: 'plans' };
  const reply = await sendCall(sandbox.baseUrl, call);
  expect(JSON.parse(await openReply(reply, keys))).toMatchObject({ parInfoList: [{ par: somePar }] });
  expect(sandbox.calls().map(({ call: kind, encrypted }) => [kind, encrypted])).toEqual([
    ['register', false],
    ['plans', true],
  ]);
});

test.each([
  ['no id', '{}'],
  ['zero', '{"userId":0}'],
  ['an id as text', '{"userId":"1"}'],
  ['a PAR too', plainBody('1', somePar)],
  ['nothing', ''],
])('a body of %s: 400 000_002', async (_what, body) => {
  const sandbox = await openSandbox();
  const reply = await sendCall(sandbox.baseUrl, { ...signedCall(body), kind: 'plans' });
  expect(reply).toMatchObject({ status: 400, code: '000_002', reason: 'body' });
});

test('headers and signature are held as those of a registration are', async () => {
  const sandbox = await openSandbox();
  const unsigned = withHeader(plansCall('1'), 'X-KM-Tran-Token', null);
  expect(await sendCall(sandbox.baseUrl, unsigned)).toMatchObject({ status: 400, reason: 'tran_token' });
  const altered = { ...plansCall('1'), body: '{"userId":2}' };
  expect(await sendCall(sandbox.baseUrl, altered)).toMatchObject({ status: 401, reason: 'signature' });
  // One correlation id, two kinds of calls.
  const first = registerCall('1', somePar);
  const id = first.headers.find(([name]) => name === 'X-KM-Correlation-Id')?.[1] ?? '';
  const second = withHeader(plansCall('1', { tokenTime: tokenTimeOf(first) }), 'X-KM-Correlation-Id', id);
  await sendCall(sandbox.baseUrl, first);
  expect(await sendCall(sandbox.baseUrl, second)).toMatchObject({ reason: 'correlation_id_repeated' });
});

function tokenTimeOf(call: RawCall): string {
  return call.headers.find(([name]) => name === 'X-KM-Tran-Token')?.[1].split(':')[1] ?? '';
}

describe('the figures', () => {
  test('tell the two kinds apart, and one window holds both', async () => {
    const sandbox = await openSandbox({ faults: { seed: 1, rateLimit: { perSecond: 3 } } });
    const calls = [registerCall('1', somePar), ...['1', '2', '3', '4', '5'].map((user) => plansCall(user))];
    await Promise.all(calls.map(async (call) => await sendCall(sandbox.baseUrl, call)));
    const { byAnswer, inquiriesByAnswer, ...figures } = sandbox.stats();
    const refused = (byAnswer['429'] ?? 0) + (inquiriesByAnswer['429'] ?? 0);
    const { fullestWindow } = figures;
    expect(fullestWindow).toBeGreaterThan(3);
    expect(refused).toBeGreaterThan(0);
    expect(figures).toMatchObject({ calls: 1, inquiries: 5, violations: refused });
    expect(Object.values(inquiriesByAnswer).reduce((sum, count) => sum + count, 0)).toBe(5);
    expect(
      sandbox
        .calls()
        .map(({ call }) => call)
        .toSorted(),
    ).toEqual(['plans', 'plans', 'plans', 'plans', 'plans', 'register']);
    expect(sandbox.calls().filter(({ processed }) => processed)).toHaveLength(6 - refused);
  });

  test('faults by chance meet inquiries too, and inquiries do not shift those of registrations', async () => {
    const faults = { seed: 5, odds: { '500 before': 0.5 } };
    const answersWith = async (inquiries: number): Promise<(string | null)[]> => {
      const sandbox = await openSandbox({ faults });
      for (let index = 0; index < 20; index += 1) {
        for (let more = 0; more < inquiries; more += 1) await sendCall(sandbox.baseUrl, plansCall('1'));
        await askCode(sandbox.baseUrl, '1', `Q1${String(index).padStart(25, '0')}`);
      }
      expect(sandbox.stats().inquiriesByAnswer['500 before'] ?? 0).toBeGreaterThanOrEqual(inquiries);
      return sandbox.calls().flatMap(({ call, answer }) => (call === 'register' ? [answer] : []));
    };
    const alone = await answersWith(0);
    expect(new Set(alone).size).toBe(2);
    expect(await answersWith(2)).toEqual(alone);
  });
});

test('a member’s inquiries can be scripted, and registrations are not touched by it', async () => {
  const fixtures = parseFixtures(
    `members: [{ user: '1', inquiryFaults: ['500 before', '009_999 after', 'half after'] }]`,
  );
  const sandbox = await openSandbox({ fixtures });
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('000_000');
  const replies = [];
  for (let time = 0; time < 4; time += 1) replies.push(await sendCall(sandbox.baseUrl, plansCall('1')));
  expect(replies).toMatchObject([
    { status: 500 },
    { status: 400, code: '009_999' },
    {
      status: 200,
      text: expect.not.stringContaining('parInfoList":[{"par":"Q1A0B1C2D3E4F5A6B7C8D9E0F1A"') as string,
    },
    { status: 200, code: '000_000', text: expect.stringContaining(somePar) as string },
  ]);
  expect(sandbox.stats().inquiriesByAnswer).toEqual({
    '000_000': 1,
    '009_999': 1,
    '500 before': 1,
    'half after': 1,
  });
});
