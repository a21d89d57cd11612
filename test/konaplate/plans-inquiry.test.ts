import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/domain/outcome.ts';
import { createOutcomeRules } from '../../src/konaplate/outcome-rules.ts';
import { judgePlans, readPlans } from '../../src/konaplate/plans-inquiry.ts';
import type { SentCall } from '../../src/konaplate/provider-client.ts';
import { testUserId, withProvider } from './client-world.ts';
import { sealByHand } from './hand-made-jwe.ts';
import { createRsaPair } from './key-pairs.ts';
import { answer, type Step, type WireRequest } from './scripted-provider.ts';

const OURS = 'Q1A0B1C2D3E4F5A6B7C8D9E0F1A';
const OTHER = 'Q100000000000000000000000Z9';
const rules = createOutcomeRules({});
const pair = createRsaPair();
const encryption = {
  cryptoKeyId: 'c'.repeat(32),
  serverKey: pair.publicKey,
  contentEncryption: 'A128GCM',
} as const;

function plansOf(pars: readonly string[], response = '{"code":"000_000","description":"Success."}'): string {
  const list = pars.map((par) => `{"par":"${par}","registeredDate":"20261123001500"}`);
  return `{"response":${response},"parInfoList":[${list.join(',')}]}`;
}

async function ask(
  step: Step,
  changes: Parameters<typeof withProvider>[1] = {},
): Promise<{ sent: SentCall; request: WireRequest | undefined }> {
  const asked: { sent: SentCall; request: WireRequest | undefined }[] = [];
  await withProvider([step], changes, async (client, provider) => {
    const sent = await client.send(await client.prepareInquiry(testUserId('9999999999999999999'), 1));
    asked.push({ sent, request: provider.requests[0] });
  });
  const [only] = asked;
  if (only === undefined) throw new Error('nobody asked');
  return only;
}

async function findingOf(step: Step): Promise<string> {
  const { sent } = await ask(step);
  return judgePlans(sent.reply, sent.pars, OURS, rules).kind;
}

test('it goes to its own address, signed like a registration, every digit of the user id in it', async () => {
  const { request } = await ask(answer('200 OK', plansOf([OURS])));
  expect(request?.requestLine).toBe('POST /open-api/api/v1/recharges/auto/payments/plans HTTP/1.1');
  expect(request?.body).toBe('{"userId":9999999999999999999}');
  const names = request?.headers.map(([name]) => name) ?? [];
  expect(names).toEqual(
    expect.arrayContaining(['X-KM-Tran-Token', 'X-KM-Correlation-Id', 'X-KM-User-AspId']),
  );
});

test('encrypted both ways', async () => {
  const sealed = JSON.stringify({ encData: sealByHand(plansOf([OTHER, OURS]), pair.publicKey) });
  const { sent, request } = await ask(answer('200 OK', sealed), {
    encryption,
    answerKey: pair.privateKey,
  });
  expect(request?.body).toMatch(/^\{"encData":"/);
  expect(sent.pars).toEqual([OTHER, OURS]);
});

describe('what an answer says of our card', () => {
  test.each<[string, Step, string]>([
    ['in the list', answer('200 OK', plansOf([OTHER, OURS])), 'found'],
    ['not in the list', answer('200 OK', plansOf([OTHER])), 'not_found'],
    ['an empty list', answer('200 OK', plansOf([])), 'not_found'],
    ['no list at all', answer('200 OK', '{"response":{"code":"000_000"}}'), 'unclear'],
    [
      'a list of other things',
      answer('200 OK', '{"response":{"code":"000_000"},"parInfoList":[1]}'),
      'unclear',
    ],
    ['a list in a refusal', answer('400 Bad', plansOf([OURS], '{"code":"000_002"}')), 'unclear'],
    ['success that is none by its status', answer('400 Bad', plansOf([OURS])), 'unclear'],
    ['a failing provider', answer('500 No', plansOf([OURS])), 'unclear'],
    ['no answer', (socket) => socket.resetAndDestroy(), 'unclear'],
    ['too many requests', answer('429 Slow', ''), 'throttled'],
    ['no such call', answer('404 Not Found', ''), 'stop_run'],
    ['credentials refused', answer('401 No', ''), 'stop_run'],
  ])('%s', async (_what, step, kind) => {
    expect(await findingOf(step)).toBe(kind);
  });

  test('a long list is read beyond what is kept of it', async () => {
    const many = Array.from({ length: 500 }, (_, index) => `Q2${String(index).padStart(25, '0')}`);
    expect(await findingOf(answer('200 OK', plansOf([...many, OURS])))).toBe('found');
  });

  test('a documented code of a refusal never stops the run', () => {
    const refusal: Reply = {
      kind: 'answered',
      httpStatus: 404,
      code: '001_003',
      unread: null,
      message: null,
      raw: '',
      retryAfterMs: null,
    };
    expect(judgePlans(refusal, null, OURS, rules).kind).toBe('unclear');
  });
});

describe('what an answer says of the member', () => {
  async function read(step: Step) {
    const { sent } = await ask(step);
    return readPlans(sent.reply, sent.pars, rules);
  }

  test('all cards, each once, or none', async () => {
    expect(await read(answer('200 OK', plansOf([OTHER, OURS, OTHER])))).toEqual({
      kind: 'plans',
      pars: [OTHER, OURS],
    });
    expect(await read(answer('200 OK', plansOf([])))).toEqual({ kind: 'plans', pars: [] });
  });

  test.each<[string, Step, string]>([
    ['a list with an entry that is no PAR', answer('200 OK', plansOf([OURS, 'Q1'])), 'refused'],
    ['no list at all', answer('200 OK', '{"response":{"code":"000_000"}}'), 'refused'],
    ['a documented refusal', answer('400 Bad', '{"response":{"code":"000_002"}}'), 'refused'],
    ['a code nobody knows', answer('400 Bad', '{"response":{"code":"999_999"}}'), 'refused'],
    ['a failing provider', answer('500 No', plansOf([OURS])), 'unclear'],
    ['no answer', (socket) => socket.resetAndDestroy(), 'unclear'],
    ['too many requests', answer('429 Slow', ''), 'throttled'],
  ])('%s', async (_what, step, kind) => {
    expect((await read(step)).kind).toBe(kind);
  });

  test('an address that knows no such call is told with what was asked', async () => {
    expect(await read(answer('404 Not Found', ''))).toEqual({
      kind: 'stop_run',
      by: 'door',
      cause: 'wrong_address',
      sentence: expect.stringMatching(
        /\(asked for a member's plans, a call that not every provider knows\)$/,
      ) as string,
    });
  });
});
