import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { sandboxCommand } from '../../src/cli/commands/sandbox-command.ts';
import type { StopSignal } from '../../src/run/run-environment.ts';
import { createFakeHost } from '../cli/fake-host.ts';
import { plainBody, registerCall, sendCall, somePar, withHeader } from './raw-client.ts';
import { catchCoded, makeFolder } from './sandbox-world.ts';
import { openReply, sealedCall } from './sealed-client.ts';

/** The command as a process runs it, from its start to the signal at the end of the test. */
async function serve(flags: Readonly<Record<string, unknown>> = {}, cwd?: string) {
  const fake = createFakeHost();
  const listening = Promise.withResolvers<void>();
  let stop: (signal: StopSignal) => void = () => undefined;
  const host = {
    ...fake,
    cwd: cwd ?? (await makeFolder()),
    onStopSignal: (listener: typeof stop) => {
      stop = listener;
      listening.resolve();
      return () => undefined;
    },
  };
  const ended = sandboxCommand(flags, host);
  await Promise.race([listening.promise, ended]);
  const end = async () => {
    stop('SIGINT');
    return await ended;
  };
  onTestFinished(async () => {
    await end();
  });
  const env = parseEnv(fake.written.stdout) as Record<string, string>;
  const keys = {
    cryptoKeyId: env['KONA_CRYPTO_KEY_ID'] ?? '',
    serverPublicKey: env['KONA_SERVER_PUBLIC_KEY'] ?? '',
    clientPrivateKey: env['KONA_CLIENT_PRIVATE_KEY'] ?? '',
  };
  return { end, env, keys, baseUrl: env['KONA_BASE_URL'] ?? '', written: fake.written };
}

test('stdout is the environment of a client, and nothing else', async () => {
  const { keys, baseUrl, written } = await serve();
  expect(written.stdout.trimEnd().split('\n')).toHaveLength(7);
  expect(written.stdout.match(/^\w+(?==)/gm)).toEqual([
    'KONA_BASE_URL',
    'KONA_ASP_ID',
    'KONA_ACCESS_KEY',
    'KONA_SECRET_KEY',
    'KONA_CRYPTO_KEY_ID',
    'KONA_SERVER_PUBLIC_KEY',
    'KONA_CLIENT_PRIVATE_KEY',
  ]);
  const reply = await sendCall(baseUrl, await sealedCall(plainBody('1', somePar), keys));
  expect(await openReply(reply, keys)).toContain('"000_000"');
  expect(written.stderr).toContain('listening');
});

test('a shell reads the same from it', async () => {
  const { env, written } = await serve();
  const file = join(await makeFolder(), 'env');
  await writeFile(file, written.stdout);
  const script = `. ${file}; ${Object.keys(env)
    .map((name) => `printf '%s\\n' "$${name}"`)
    .join('; ')}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', script]);
  expect(stdout.trimEnd().split('\n')).toEqual(Object.values(env));
});

test('with a state file the keys and the registrations are those of the last time', async () => {
  const cwd = await makeFolder();
  const flags = { state: 'state.ndjson' };
  const first = await serve(flags, cwd);
  await sendCall(first.baseUrl, registerCall('1', somePar));
  expect(await first.end()).toBe(0);
  const second = await serve(flags, cwd);
  expect(second.keys).toEqual(first.keys);
  const reply = await sendCall(second.baseUrl, await sealedCall(plainBody('1', somePar), first.keys));
  expect(await openReply(reply, second.keys)).toContain('007_017');
  // The counter-test: without one they are new.
  expect((await serve()).keys).not.toEqual(first.keys);
});

test.each(['0.0.0.0', '::', '192.0.2.1', 'provider.example'])(
  '--host %s is refused with a sentence, unless --expose is given too',
  async (address) => {
    const { code, message } = await catchCoded(() => sandboxCommand({ host: address }, createFakeHost()));
    expect(code).toBe('USAGE');
    expect(message).toContain(`--host ${address}`);
    expect(message).toContain('--expose');
  },
);

test('--expose lets others in, and loopback needs it not', async () => {
  const open = await serve({ host: '0.0.0.0', expose: true });
  expect(open.baseUrl).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  const here = await serve({ host: 'localhost' });
  expect(await sendCall(here.baseUrl, registerCall('1', somePar))).toMatchObject({ status: 200 });
});

test('the flags for encryption and leniency do what they say', async () => {
  const { baseUrl, keys } = await serve({ requireEncryption: true, plainAnswers: true });
  expect(await sendCall(baseUrl, registerCall('1', somePar))).toMatchObject({
    reason: 'encryption_required',
  });
  const sealed = await sealedCall(plainBody('1', somePar), keys);
  expect(await sendCall(baseUrl, sealed)).toMatchObject({ status: 200, code: '000_000' });

  const anyAccept = withHeader(registerCall('1', somePar), 'Accept', '*/*');
  expect(await sendCall(baseUrl, anyAccept)).toMatchObject({ status: 400, reason: 'accept' });
  const lenient = await serve({ lenient: true });
  expect(await sendCall(lenient.baseUrl, anyAccept)).toMatchObject({ status: 200 });
});

test('fixtures and a fault plan come from files, and their problems are told before it listens', async () => {
  const cwd = await makeFolder();
  await writeFile(join(cwd, 'cards.yaml'), `cards: [{ par: ${somePar}, status: inactive }]`);
  await writeFile(join(cwd, 'faults.yaml'), 'seed: 1\nmaintenance: [{ fromCall: 2, toCall: 2 }]\n');
  const { baseUrl } = await serve({ fixtures: 'cards.yaml', faults: 'faults.yaml' }, cwd);
  expect(await sendCall(baseUrl, registerCall('1', somePar))).toMatchObject({ code: '007_016' });
  expect(await sendCall(baseUrl, registerCall('1', somePar))).toMatchObject({ status: 503 });
  const host = { ...createFakeHost(), cwd };
  expect(await catchCoded(() => sandboxCommand({ fixtures: 'faults.yaml' }, host))).toMatchObject({
    code: 'SANDBOX_FIXTURES_INVALID',
  });
  expect(await catchCoded(() => sandboxCommand({ faults: 'none.yaml' }, host))).toMatchObject({
    code: 'USAGE',
  });
});
