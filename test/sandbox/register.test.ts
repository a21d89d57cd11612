import { expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { askCode, otherPar, plainBody, sendCall, signedCall, somePar } from './raw-client.ts';
import { catchCoded, openSandbox } from './sandbox-world.ts';

const longestId = '9999999999999999999';

test('a record is registered once, and a PAR belongs to one user', async () => {
  const sandbox = await openSandbox();
  const codes = [
    await askCode(sandbox.baseUrl, '1', somePar),
    await askCode(sandbox.baseUrl, '1', somePar),
    await askCode(sandbox.baseUrl, '2', somePar),
    await askCode(sandbox.baseUrl, '2', otherPar),
  ];
  expect(codes).toEqual(['000_000', '007_017', '007_012', '000_000']);
  expect(sandbox.truth()).toMatchObject([
    { userId: '1', par: somePar },
    { userId: '2', par: otherPar },
  ]);
  expect(sandbox.stats()).toMatchObject({
    calls: 4,
    registered: 2,
    violations: 0,
    byAnswer: { '000_000': 2, '007_012': 1, '007_017': 1 },
  });
  expect(sandbox.calls().map(({ userId, processed }) => [userId, processed])).toEqual([
    ['1', true],
    ['1', true],
    ['2', true],
    ['2', true],
  ]);
});

test('the answers are those of the page', async () => {
  const sandbox = await openSandbox();
  const first = await sendCall(sandbox.baseUrl, signedCall(plainBody('1', somePar)));
  const again = await sendCall(sandbox.baseUrl, signedCall(plainBody('1', somePar)));
  expect(first).toMatchObject({
    status: 200,
    text: '{"response":{"code":"000_000","description":"Success."}}',
    headers: { 'content-type': 'application/json' },
  });
  expect(again).toMatchObject({
    status: 400,
    text: '{"response":{"code":"007_017","description":"Auto recharge plan already exist error."}}',
  });
});

test('19 digits are kept digit for digit, and neighbours apart', async () => {
  const sandbox = await openSandbox();
  const neighbour = '9999999999999999998';
  // The counter-test: as JavaScript numbers the two are one.
  expect(Number(longestId)).toBe(Number(neighbour));
  expect(await askCode(sandbox.baseUrl, longestId, somePar)).toBe('000_000');
  expect(await askCode(sandbox.baseUrl, neighbour, somePar)).toBe('007_012');
  expect(sandbox.truth()).toMatchObject([{ userId: longestId, par: somePar }]);
  expect(sandbox.calls().map((call) => call.userId)).toEqual([longestId, neighbour]);
});

test.each([
  ['no JSON', 'userId=1'],
  ['nothing', ''],
  ['a list', `[${plainBody('1', somePar)}]`],
  ['an id as text', `{"userId":"1","par":"${somePar}"}`],
  ['zero', plainBody('0', somePar)],
  ['a negative id', plainBody('-1', somePar)],
  ['a fraction', plainBody('1.0', somePar)],
  ['an exponent', plainBody('1e5', somePar)],
  ['20 digits', plainBody('12345678901234567890', somePar)],
  ['a leading zero', plainBody('01', somePar)],
  ['an id within', `{"userId":{"userId":1},"par":"${somePar}"}`],
  ['no id', `{"par":"${somePar}"}`],
  ['no PAR', '{"userId":1}'],
  ['a PAR of 26', plainBody('1', somePar.slice(1))],
  ['a PAR of 28', plainBody('1', `${somePar}A`)],
  ['a PAR in lower case', plainBody('1', somePar.toLowerCase())],
  ['one field too many', `{"userId":1,"par":"${somePar}","note":1}`],
])('a body of %s: 400 000_002', async (_what, body) => {
  const sandbox = await openSandbox();
  const reply = await sendCall(sandbox.baseUrl, signedCall(body));
  expect(reply).toMatchObject({ status: 400, code: '000_002', reason: 'body' });
  expect(sandbox.truth()).toEqual([]);
});

test('blanks and the order of fields are free', async () => {
  const sandbox = await openSandbox();
  const body = ` { "par" : "${somePar}" ,\n "userId" : ${longestId} } `;
  expect(await sendCall(sandbox.baseUrl, signedCall(body))).toMatchObject({ status: 200 });
  expect(sandbox.truth()).toMatchObject([{ userId: longestId, par: somePar }]);
});

test('a body over 64 KiB is refused and the sandbox lives on', async () => {
  const sandbox = await openSandbox();
  const reply = await sendCall(sandbox.baseUrl, signedCall(`"${'x'.repeat(70_000)}"`));
  expect(reply).toMatchObject({ status: 400, code: '000_002' });
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('000_000');
});

test.each([
  ['001_003', 'Invalid par.'],
  ['007_012', 'Par already exist.'],
  ['007_015', 'User does not accept open bank terms and conditions.'],
  ['007_016', 'Card status is not active.'],
  ['007_027', 'User does not accept firm banking terms and conditions.'],
  ['007_031', 'Bank account for auto recharge is not registered.'],
  ['000_002', 'Invalid input parameter.'],
  ['009_999', 'An answer the documents do not list.'],
])('a card in condition %s answers so every time', async (code, description) => {
  const fixtures = parseFixtures(`cards: [{ par: ${somePar}, answer: '${code}' }]`);
  const sandbox = await openSandbox({ fixtures });
  for (const user of ['1', '2']) {
    const reply = await sendCall(sandbox.baseUrl, signedCall(plainBody(user, somePar)));
    expect(reply).toMatchObject({ status: 400, text: JSON.stringify({ response: { code, description } }) });
  }
  expect(sandbox.truth()).toEqual([]);
  expect(await askCode(sandbox.baseUrl, '1', otherPar)).toBe('000_000');
});

test('a condition of one user does not touch another', async () => {
  const fixtures = parseFixtures(`cards: [{ par: ${somePar}, user: '1', answer: '007_016' }]`);
  const sandbox = await openSandbox({ fixtures });
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('007_016');
  expect(await askCode(sandbox.baseUrl, '2', somePar)).toBe('000_000');
});

test('what is registered before the first call', async () => {
  const fixtures = parseFixtures(`registered: [{ user: '${longestId}', par: ${somePar} }]`);
  const sandbox = await openSandbox({ fixtures });
  expect(sandbox.truth()).toMatchObject([{ userId: longestId, par: somePar }]);
  expect(await askCode(sandbox.baseUrl, longestId, somePar)).toBe('007_017');
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('007_012');
});

test('its own pages show the truth, the calls and the figures', async () => {
  const sandbox = await openSandbox();
  const before = Date.now();
  await askCode(sandbox.baseUrl, '1', somePar);
  const read = async (page: string): Promise<unknown> =>
    await (await fetch(`${sandbox.baseUrl}/_sandbox/${page}`)).json();
  expect(await read('truth')).toEqual({ registered: sandbox.truth() });
  expect(sandbox.truth()).toMatchObject([{ userId: '1', par: somePar }]);
  expect(await read('calls')).toEqual(sandbox.calls());
  expect(await read('stats')).toEqual(sandbox.stats());
  expect(sandbox.stats().calls).toBe(1);
  const [call] = sandbox.calls();
  expect(Math.abs((call?.arrivedAt ?? 0) - before)).toBeLessThan(5_000);
});

test('any other path or method is 404 and no call', async () => {
  const sandbox = await openSandbox();
  const path = '/api/v1/recharges/auto/payments/register';
  for (const [method, url] of [
    ['GET', path],
    ['POST', `${path}/`],
    ['POST', `/open-api${path}`],
    ['POST', '/_sandbox/truth'],
  ] as const) {
    expect((await fetch(sandbox.baseUrl + url, { method })).status).toBe(404);
  }
  expect(sandbox.stats().calls).toBe(0);
});

test('it listens on loopback only, unless told', async () => {
  expect(await catchCoded(() => openSandbox({ host: '0.0.0.0' }))).toMatchObject({
    code: 'SANDBOX_HOST_REFUSED',
  });
  expect(await catchCoded(() => openSandbox({ host: '127.0.0.1.example' }))).toMatchObject({
    code: 'SANDBOX_HOST_REFUSED',
  });
  const open = await openSandbox({ host: '0.0.0.0', allowAnyHost: true });
  expect(open.baseUrl).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
});

test('a port in use, and credentials that no client could send, are refused', async () => {
  const sandbox = await openSandbox();
  const port = Number(new URL(sandbox.baseUrl).port);
  expect(await catchCoded(() => openSandbox({ port }))).toMatchObject({ code: 'SANDBOX_LISTEN_FAILED' });
  const credentials = { ...sandbox.credentials, accessKey: 'short' };
  expect(await catchCoded(() => openSandbox({ credentials }))).toMatchObject({
    code: 'SANDBOX_CREDENTIALS_INVALID',
  });
});

test('an idle connection is kept for longer than a client would keep it', async () => {
  const sandbox = await openSandbox();
  const answer = await fetch(`${sandbox.baseUrl}/_sandbox/stats`);
  await answer.text();
  const seconds = Number(/timeout=(\d+)/.exec(answer.headers.get('keep-alive') ?? '')?.[1]);
  expect(seconds).toBeGreaterThanOrEqual(30);
});

test('it may be closed twice', async () => {
  const sandbox = await openSandbox();
  await sandbox.close();
  await sandbox.close();
  expect(await askCode(sandbox.baseUrl, '1', somePar)).toBe('broken ECONNREFUSED');
});
