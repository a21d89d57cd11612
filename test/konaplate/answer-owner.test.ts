import { expect, test } from 'vitest';
import type { ProviderClientOptions } from '../../src/konaplate/provider-client.ts';
import { register, withProvider } from './client-world.ts';
import { answer, type Step } from './scripted-provider.ts';

const success = JSON.stringify({ response: { code: '000_000', description: 'Success.' } });
/** What the test's client sends with its first call. */
const OURS = '261123091501-0000001';
const id = (value: string): string => `X-KM-Correlation-Id: ${value}`;

async function sendTo(steps: readonly Step[], changes: Partial<ProviderClientOptions> = {}) {
  const sent: Awaited<ReturnType<typeof register>>[] = [];
  let connections = 0;
  await withProvider(steps, changes, async (client, provider) => {
    for (const _ of steps) sent.push(await register(client));
    connections = provider.connections();
  });
  return { sent, connections };
}

async function ownerOf(step: Step, changes: Partial<ProviderClientOptions> = {}) {
  const [sent] = (await sendTo([step], changes)).sent;
  return [sent?.echo, sent?.reply.kind, sent?.otherCorrelationId];
}

test.each([
  ['as we sent it', [id(OURS)]],
  ['in other letter case and with blanks', [id(` ${OURS.toUpperCase()}\t`)]],
  ['repeated with one value', [id(OURS), id(OURS)]],
  ['repeated in one line', [id(`${OURS}, ${OURS}`)]],
])('the id %s is ours', async (_, headers) => {
  expect(await ownerOf(answer('200 OK', success, headers))).toEqual(['ours', 'answered', null]);
});

test.each([
  ['missing', []],
  ['empty', [id('')]],
])('%s, the answer is believed', async (_, headers) => {
  expect(await ownerOf(answer('200 OK', success, headers))).toEqual(['missing', 'answered', null]);
});

test.each([
  ['another id', [id('261123091501-0000002')], '261123091501-0000002'],
  ['ours beside another', [id(OURS), id('other')], `${OURS}, other`],
])('%s: the answer is none to this call, and its words say so', async (_, headers, other) => {
  const { sent } = await sendTo([answer('200 OK', success, headers)]);
  expect(sent[0]).toMatchObject({
    echo: 'other',
    otherCorrelationId: other,
    pars: null,
    reply: {
      kind: 'no_answer',
      httpStatus: 200,
      error: `the answer belongs to another call: its X-KM-Correlation-Id is ${other}`,
    },
  });
});

test.each(['400 Bad Request', '401 Unauthorized', '404 Not Found', '422 X'])(
  '%s with a code is asked as well',
  async (status) => {
    const refusal = JSON.stringify({ response: { code: '007_031' } });
    expect(await ownerOf(answer(status, refusal, [id('gateway')]))).toEqual([
      'other',
      'no_answer',
      'gateway',
    ]);
  },
);

test.each([
  ['429 Too Many', success],
  ['500 X', success],
  ['503 X', ''],
  ['302 Found', success],
  ['401 Unauthorized', '<html>'],
  ['403 Forbidden', ''],
  ['405 Not Allowed', 'no'],
])('%s is read by its status, whosever id it carries; the id is kept', async (status, body) => {
  expect(await ownerOf(answer(status, body, [id('gateway')]))).toEqual(['unasked', 'answered', 'gateway']);
});

test('provider.correlationEcho: ignore believes the answer, and keeps the id', async () => {
  const step = answer('200 OK', success, [id('gateway')]);
  expect(await ownerOf(step, { correlationEcho: 'ignore' })).toEqual(['unasked', 'answered', 'gateway']);
});

test('the connection is dropped after an answer of another call, and kept after any other', async () => {
  const ours = answer('200 OK', success, [id(OURS)]);
  expect((await sendTo([ours, ours, ours])).connections).toBe(1);
  const foreign = answer('200 OK', success, [id('other')]);
  const { sent, connections } = await sendTo([foreign, ours, foreign, ours]);
  expect(sent.map((one) => one.echo)).toEqual(['other', 'ours', 'other', 'ours']);
  expect(connections).toBe(3);
  const throttled = answer('429 Too Many', '', [id('gateway')]);
  expect((await sendTo([throttled, ours])).connections).toBe(1);
});
