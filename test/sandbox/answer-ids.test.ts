import { expect, test } from 'vitest';
import { parseFaultPlan } from '../../src/sandbox/faults/fault-plan.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import type { Sandbox } from '../../src/sandbox/wire/server.ts';
import { otherPar, registerCall, sendCall, somePar, withHeader, type RawCall } from './raw-client.ts';
import { openSandbox } from './sandbox-world.ts';

const CORRELATION_ID = /^\d{12}-[0-9a-f]{7}$/;
const GATEWAY_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function idOf(call: RawCall): string {
  return call.headers.find(([name]) => name === 'X-KM-Correlation-Id')?.[1] ?? '';
}

/** Status and code of the answer, and the id it carries; null: none. */
async function ask(sandbox: Sandbox, call: RawCall): Promise<{ text: string; id: string | null }> {
  const reply = await sendCall(sandbox.baseUrl, call);
  if (reply.kind === 'broken') return { text: reply.error, id: null };
  const id = reply.headers['x-km-correlation-id'];
  return { text: `${reply.status} ${reply.code ?? ''}`, id: typeof id === 'string' ? id : null };
}

test.each(['before', 'after'])('swapped %s: id and body of the call before it', async (when) => {
  const sandbox = await openSandbox({
    fixtures: parseFixtures(`cards: [{ par: ${somePar}, faults: ['swapped ${when}'] }]`),
  });
  const other = registerCall('2', otherPar);
  expect(await ask(sandbox, other)).toEqual({ text: '200 000_000', id: idOf(other) });
  const again = registerCall('2', otherPar);
  expect(await ask(sandbox, again)).toEqual({ text: '400 007_017', id: idOf(again) });
  expect(await ask(sandbox, registerCall('1', somePar))).toEqual({ text: '400 007_017', id: idOf(again) });
  expect(sandbox.truth().some(({ par }) => par === somePar)).toBe(when === 'after');
});

test('swapped, where no call was before it: a success under an id that nobody sent', async () => {
  const sandbox = await openSandbox({
    fixtures: parseFixtures(`cards: [{ par: ${somePar}, faults: ['swapped before'] }]`),
  });
  const call = registerCall('1', somePar);
  const answer = await ask(sandbox, call);
  expect(answer).toEqual({ text: '200 000_000', id: expect.stringMatching(CORRELATION_ID) as unknown });
  expect(answer.id).not.toBe(idOf(call));
  expect(sandbox.truth()).toEqual([]);
});

test('the true answer without an id, and under another one', async () => {
  const sandbox = await openSandbox({
    fixtures: parseFixtures(`cards: [{ par: ${somePar}, faults: ['no-id', 'other-id'] }]`),
  });
  expect(await ask(sandbox, registerCall('1', somePar))).toEqual({ text: '200 000_000', id: null });
  const call = registerCall('1', somePar);
  const answer = await ask(sandbox, call);
  expect(answer).toEqual({ text: '400 007_017', id: expect.stringMatching(CORRELATION_ID) as unknown });
  expect(answer.id).not.toBe(idOf(call));
});

test.each([
  ['echoed', 'call', 'call'],
  ['own-on-refusals', 'gateway', 'call'],
  ['own', 'gateway', 'gateway'],
  ['missing', 'none', 'none'],
])('correlationIds: %s', async (habit, onRefusals, onAnswers) => {
  const sandbox = await openSandbox({
    faults: parseFaultPlan(`{ seed: 1, correlationIds: ${habit} }`),
    fixtures: parseFixtures(`cards: [{ par: ${somePar}, faults: ['429 1s', '503 before', '403 before'] }]`),
  });
  const whose = async (call: RawCall): Promise<string> => {
    const { text, id } = await ask(sandbox, call);
    if (id === null) return `${text} none`;
    if (id === idOf(call)) return `${text} call`;
    return `${text} ${GATEWAY_ID.test(id) ? 'gateway' : id}`;
  };
  const stranger = withHeader(registerCall('1', somePar), 'X-KM-Access-Key', 'x'.repeat(40));
  expect(await whose(stranger)).toBe(`401 000_401 ${onRefusals}`);
  for (const text of ['429 000_429', '503 ', '403 ']) {
    expect(await whose(registerCall('1', somePar))).toBe(`${text} ${onRefusals}`);
  }
  expect(await whose(registerCall('1', somePar))).toBe(`200 000_000 ${onAnswers}`);
  expect(await whose(registerCall('0', somePar))).toBe(`400 000_002 ${onAnswers}`);
});
