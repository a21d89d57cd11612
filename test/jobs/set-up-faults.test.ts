import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../support/certificates.ts';
import { connectAnswer, startConnectProxy } from '../support/connect-proxy.ts';
import { createWorld, listOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { startTlsGateway } from '../support/tls-gateway.ts';
import { classesOf, summaryOf } from './program-output.ts';

const run = ['run', 'job.yaml', '--json'];

test('an expired certificate costs three connections and no call; mended, the run goes on', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', listOf(40));
  const root = await createAuthority();
  await writeFile(join(world.cwd, 'root.pem'), root.cert);
  const { port, pathname } = new URL(world.sandbox.baseUrl);
  const at = (gateway: { port: number }) => ({
    ...world,
    env: {
      ...world.env,
      KONA_BASE_URL: `https://localhost:${gateway.port}${pathname}`,
      KONA_TLS_CA_FILE: 'root.pem',
    },
  });
  const expired = await issueCertificate({ by: root, hosts: ['localhost'], validFrom: -9, validTo: -1 });
  {
    await using gateway = await startTlsGateway(Number(port), expired);
    const summary = summaryOf(await runProgram(run, at(gateway)));
    expect(summary).toMatchObject({ exitCode: 7, exitCause: 'wrong_setup', calls: 0 });
    expect(summary.exitReason).toMatch(/has expired: it must be renewed there.*\(CERT_HAS_EXPIRED\)/);
    expect(classesOf(summary)).toEqual({ unprocessed: 40 });
    expect(gateway.connections()).toBe(3);
  }
  const good = await issueCertificate({ by: root, hosts: ['localhost'] });
  await using gateway = await startTlsGateway(Number(port), good);
  expect(summaryOf(await runProgram(run, at(gateway)))).toMatchObject({ exitCode: 0, calls: 40 });
});

test('a proxy that refuses is asked three times', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', listOf(40));
  await using proxy = await startConnectProxy({ step: connectAnswer('HTTP/1.1 403 No\r\n\r\n') });
  const env = { ...world.env, KONA_BASE_URL: 'https://pay.example', HTTPS_PROXY: proxy.url };
  const summary = summaryOf(await runProgram(run, { ...world, env }));
  expect(summary).toMatchObject({ exitCode: 7, exitCause: 'wrong_setup', calls: 0 });
  expect(summary.exitReason).toMatch(/HTTP 403 to CONNECT: it does not let us through to the provider/);
  expect(proxy.asked).toHaveLength(3);
});
