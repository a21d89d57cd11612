import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAuthority, issueCertificate, type Certificate } from '../support/certificates.ts';
import { startConnectProxy, tunnelTo } from '../support/connect-proxy.ts';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { startTlsGateway } from '../support/tls-gateway.ts';
import { readLedgerFacts } from './ledger-facts.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

const RECORDS = 12;
const CONCURRENCY = 3;
const run = ['run', 'job.yaml', '--json', '--log-level', 'debug'];
const password = 'planted#proxy/password';
const spellings = [
  password,
  encodeURIComponent(password),
  Buffer.from(`cron:${password}`).toString('base64'),
];

/** A provider by TLS that wants our certificate, whose name only a proxy knows, which wants a password. */
async function setup() {
  const root = await createAuthority();
  const server = await issueCertificate({ by: root, hosts: ['pay.example'] });
  const world = await createWorld({
    engine: embeddedEngine,
    job: `limits: { rate: 1000/s, concurrency: ${CONCURRENCY}, timeout: 5s }`,
  });
  await world.writeList('list.csv', listOf(RECORDS));
  const { port, pathname } = new URL(world.sandbox.baseUrl);
  const demands = { ...server, ca: root.cert, requestCert: true, rejectUnauthorized: true };
  const gateway = await startTlsGateway(Number(port), demands);
  const proxy = await startConnectProxy({
    step: (socket, request) => {
      const isKnown = request.headers['proxy-authorization'] === `Basic ${spellings[2]}`;
      if (isKnown) tunnelTo(gateway.port)(socket, request);
      else socket.end('HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\n\r\n');
    },
  });
  const member = await issueCertificate({ by: root });
  await writeFile(join(world.cwd, 'root.pem'), root.cert);
  const present = async ({ cert, key }: Certificate): Promise<void> => {
    await writeFile(join(world.cwd, 'member.pem'), cert);
    await writeFile(join(world.cwd, 'member.key'), key, { mode: 0o600 });
  };
  await present(member);
  const env = {
    ...world.env,
    KONA_BASE_URL: `https://pay.example${pathname}`,
    HTTPS_PROXY: proxy.url.replace('://', `://cron:${encodeURIComponent(password)}@`),
    KONA_TLS_CA_FILE: 'root.pem',
    KONA_TLS_CERTIFICATE_FILE: 'member.pem',
    KONA_TLS_KEY_FILE: 'member.key',
  };
  return {
    world,
    proxy,
    member,
    present,
    enrol: async (changed: Readonly<Record<string, string>> = {}) =>
      await runProgram(run, { cwd: world.cwd, env: { ...env, ...changed } }),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** Of the files the program wrote, those that hold the proxy's password in any spelling. */
async function filesWithPassword(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map(async (file) => [file, await readFile(file, 'latin1')] as const));
  expect(texts.length).toBeGreaterThan(5);
  return texts
    .filter(([, text]) => spellings.some((spelling) => text.includes(spelling)))
    .map(([file]) => file);
}

test('through a proxy, with our own root and certificate: everybody is enrolled', async () => {
  await using session = await setup();
  const { world, proxy, enrol } = session;
  const end = await enrol();
  const summary = summaryOf(end);
  expect(summary).toMatchObject({ exitCode: 0, calls: RECORDS });
  expect(classesOf(summary)).toEqual({ enrolled: RECORDS });
  expect(world.sandbox.truth()).toHaveLength(RECORDS);
  // One tunnel a connection, and one to ask whether our certificate is taken.
  expect(proxy.asked.length).toBeGreaterThan(1);
  expect(proxy.asked.length).toBeLessThanOrEqual(CONCURRENCY + 1);
  expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set(['pay.example:443']));
  expect(spellings.filter((spelling) => (end.stdout + end.stderr).includes(spelling))).toEqual([]);
  expect(await filesWithPassword(world.cwd)).toEqual([]);
});

test('a certificate the provider does not take is exit 7 before the first record; the same command continues', async () => {
  await using session = await setup();
  const { world, member, present, enrol } = session;
  await present(await issueCertificate({ by: await createAuthority('another root') }));
  const begun = summaryOf(await enrol());
  expect(begun).toMatchObject({ exitCode: 7, state: 'stopped', calls: 0 });
  expect(begun.exitReason).toMatch(/refused our client certificate .*check that KONA_TLS_CERTIFICATE/);
  expect(classesOf(begun)).toEqual({ unprocessed: RECORDS });
  expect(await readLedgerFacts(world.ledger.address)).toMatchObject({
    attempts: 0,
    records: { pending: RECORDS },
  });
  expect(world.sandbox.calls()).toEqual([]);

  await present(member);
  const ended = summaryOf(await enrol());
  expect(ended).toMatchObject({ exitCode: 0, runId: begun.runId, state: 'complete' });
  expect(classesOf(ended)).toEqual({ enrolled: RECORDS });
});

test('a proxy that refuses us is exit 7, nobody is ambiguous, and its password is told to nobody', async () => {
  await using session = await setup();
  const { world, proxy, enrol } = session;
  const url = proxy.url.replace('://', `://somebody:${encodeURIComponent(password)}@`);
  const end = await enrol({ HTTPS_PROXY: url });
  const summary = summaryOf(end);
  expect(summary.exitCode).toBe(7);
  expect(end.stdout).toContain(`he proxy 127.0.0.1:${proxy.port} answered HTTP 407`);
  expect(Object.keys(classesOf(summary))).not.toContain('ambiguous');
  expect(world.sandbox.calls()).toEqual([]);
  expect(spellings.filter((spelling) => (end.stdout + end.stderr).includes(spelling))).toEqual([]);
  expect(await filesWithPassword(world.cwd)).toEqual([]);
});

test('what can’t work is exit 2 before anything is done', async () => {
  await using session = await setup();
  const { world, proxy, enrol } = session;
  const socks = await enrol({ HTTPS_PROXY: `socks5://cron:${encodeURIComponent(password)}@proxy.example` });
  expect(failureOf(socks, 2)).toMatch(/^HTTPS_PROXY: expected the http:\/\/ or https:\/\/ URL of a proxy/);
  expect(spellings.filter((spelling) => (socks.stdout + socks.stderr).includes(spelling))).toEqual([]);
  expect(failureOf(await enrol({ KONA_TLS_KEY_FILE: '' }), 2)).toMatch(
    /belong together; not set: KONA_TLS_KEY/,
  );
  expect(failureOf(await enrol({ KONA_TLS_KEY_FILE: 'member.pem' }), 2)).toMatch(
    /^KONA_TLS_KEY: expected a private/,
  );
  expect(failureOf(await enrol({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }), 2)).toMatch(/always checked/);
  expect(proxy.asked).toEqual([]);
  expect(world.sandbox.calls()).toEqual([]);
});

test('to a provider on this machine no proxy is asked, whatever the variables say', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', listOf(3));
  await using proxy = await startConnectProxy({ step: (socket) => socket.destroy() });
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  const env = {
    ...world.env,
    NODE_USE_ENV_PROXY: '1',
    ...Object.fromEntries(names.map((name) => [name, proxy.url])),
  };
  const end = summaryOf(await runProgram(run, { cwd: world.cwd, env }));
  expect(classesOf(end)).toEqual({ enrolled: 3 });
  const job = 'job: inside\nlist: { csv: list.csv }\nprovider: sandbox\n';
  await writeFile(join(world.cwd, 'job.yaml'), job);
  expect(summaryOf(await runProgram(run, { cwd: world.cwd, env })).exitCode).toBe(0);
  expect(proxy.asked).toEqual([]);
});
