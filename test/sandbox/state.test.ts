import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFixtures, parseFixtures, type Fixtures } from '../../src/sandbox/provider/fixtures.ts';
import { askCode, otherPar, plainBody, sendCall, signedCall, somePar } from './raw-client.ts';
import { openReply, sealedCall, someKeys } from './sealed-client.ts';
import { catchCoded, makeFolder, openSandbox } from './sandbox-world.ts';

async function setup(fixtures: Fixtures = emptyFixtures) {
  const statePath = join(await makeFolder(), 'beside', 'state.ndjson');
  /** Runs one life of the sandbox: each user asks for the PAR, then it ends. */
  const live = async (asks: readonly (readonly [string, string])[], changed = fixtures) => {
    const sandbox = await openSandbox({ statePath, fixtures: changed });
    const codes: string[] = [];
    for (const [user, par] of asks) codes.push(await askCode(sandbox.baseUrl, user, par));
    const truth = sandbox.truth();
    await sandbox.close();
    return { codes, truth };
  };
  return { statePath, live };
}

const longestId = '9999999999999999999';

test('who is registered outlives a restart', async () => {
  const { live } = await setup();
  await live([[longestId, somePar]]);
  const second = await live([
    [longestId, somePar],
    ['1', somePar],
    ['1', otherPar],
  ]);
  expect(second.codes).toEqual(['007_017', '007_012', '000_000']);
  const third = await live([]);
  expect(third.truth).toMatchObject([
    { userId: longestId, par: somePar },
    { userId: '1', par: otherPar },
  ]);
});

test('without a file nothing does', async () => {
  const first = await openSandbox({ statePath: null });
  await askCode(first.baseUrl, '1', somePar);
  const second = await openSandbox({ statePath: null });
  expect(second.truth()).toEqual([]);
});

test('a registration is in the file when its answer arrives', async () => {
  const { statePath } = await setup();
  const now = new Date('2026-11-23T00:15:01.123Z');
  const sandbox = await openSandbox({ statePath, now: () => now });
  expect(await readFile(statePath, 'utf8')).toBe('');
  await sendCall(sandbox.baseUrl, signedCall(plainBody('1', somePar), { instant: now }));
  expect(await readFile(statePath, 'utf8')).toBe(
    `{"kind":"registered","userId":"1","par":"${somePar}","at":"2026-11-23T00:15:01.123Z"}\n`,
  );
  expect((await stat(statePath)).mode & 0o777).toBe(0o600);
});

test('a scripted fault that was used up stays so', async () => {
  const { live } = await setup(parseFixtures(`cards: [{ par: ${somePar}, faults: ['500 before', '429'] }]`));
  expect((await live([['1', somePar]])).codes).toEqual(['500']);
  expect((await live([['1', somePar]])).codes).toEqual(['000_429']);
  expect((await live([['1', somePar]])).codes).toEqual(['000_000']);
});

test('a cured card succeeds after a restart', async () => {
  const { live } = await setup(parseFixtures(`cards: [{ par: ${somePar}, answer: '007_031' }]`));
  expect((await live([['1', somePar]])).codes).toEqual(['007_031']);
  expect((await live([['1', somePar]], emptyFixtures)).codes).toEqual(['000_000']);
});

test('a file of before dates, scripts and keys were kept is read', async () => {
  const script = parseFixtures(`cards: [{ par: ${somePar}, faults: ['500 before', '429'] }]`);
  const { statePath, live } = await setup(script);
  await live([]);
  await writeFile(
    statePath,
    `{"kind":"registered","userId":"7","par":"${otherPar}"}\n{"kind":"fault_used","card":"${somePar}/*"}\n`,
  );
  const next = await live([
    ['1', somePar],
    ['1', somePar],
    ['7', otherPar],
  ]);
  expect(next.codes).toEqual(['000_429', '000_000', '007_017']);
  expect(next.truth[0]).toEqual({ userId: '7', par: otherPar, registeredAt: '2019-12-31T15:00:00.000Z' });
});

test('since when somebody is registered outlives a restart', async () => {
  const { statePath } = await setup();
  const now = new Date('2026-11-23T00:15:01.123Z');
  const first = await openSandbox({ statePath, now: () => now });
  await sendCall(first.baseUrl, signedCall(plainBody('1', somePar), { instant: now }));
  await first.close();
  const second = await openSandbox({ statePath });
  expect(second.truth()).toEqual([{ userId: '1', par: somePar, registeredAt: now.toISOString() }]);
});

test('keys outlive a restart, and those that are given go before them', async () => {
  const { statePath } = await setup();
  const first = await openSandbox({ statePath });
  const keys = await first.encryptionKeys();
  await first.close();
  const second = await openSandbox({ statePath });
  expect(await second.encryptionKeys()).toEqual(keys);
  // Known before anybody asked for them: a client that has them from the last time is served at once.
  const third = await openSandbox({ statePath });
  const sealed = await sealedCall(plainBody('1', somePar), keys);
  expect(await openReply(await sendCall(third.baseUrl, sealed), keys)).toContain('000_000');
  const given = await openSandbox({ statePath, encryptionKeys: someKeys });
  expect((await given.encryptionKeys()).cryptoKeyId).toBe(someKeys.cryptoKeyId);
});

test('what happened outweighs what fixtures say was registered', async () => {
  const { live } = await setup();
  await live([['1', somePar]]);
  const changed = parseFixtures(`registered: [{ user: '2', par: ${somePar} }]`);
  expect((await live([['1', somePar]], changed)).codes).toEqual(['007_017']);
});

test.each(['{"kind":"registered","userId":"2","p', '{"kind":"registered","userId":"2","par":"'])(
  'a last line torn by kill -9 is cut, and the next one whole: %s',
  async (torn) => {
    const { statePath, live } = await setup();
    await live([['1', somePar]]);
    const whole = await readFile(statePath, 'utf8');
    await appendFile(statePath, torn);
    const after = await live([['2', otherPar]]);
    expect(after.codes).toEqual(['000_000']);
    const [, added, ...more] = (await readFile(statePath, 'utf8')).slice(whole.length - 1).split('\n');
    expect([added?.startsWith(`{"kind":"registered","userId":"2","par":"${otherPar}","at":`), more]).toEqual([
      true,
      [''],
    ]);
  },
);

test('a file that is only a torn line begins anew', async () => {
  const { statePath, live } = await setup();
  await live([]);
  await writeFile(statePath, '{"ki');
  expect((await live([['1', somePar]])).truth).toMatchObject([{ userId: '1', par: somePar }]);
});

test.each(['nonsense\n', '{"kind":"registered","userId":"x","par":"y"}\n', '\n'])(
  'any other line that can not be read is an error without an id: %j',
  async (line) => {
    const { statePath, live } = await setup();
    await live([[longestId, somePar]]);
    await appendFile(statePath, line);
    const { code, message } = await catchCoded(() => live([]));
    expect(code).toBe('SANDBOX_STATE_UNREADABLE');
    expect(message).toBe("sandbox state: line 2 can't be read");
  },
);
