import { describe, expect, test } from 'vitest';
import { hasHaproxy, hasNginx, startHaproxy, startNginx } from '../support/gateways.ts';
import { registerCall, sendCall, somePar } from '../sandbox/raw-client.ts';
import { openSandbox } from '../sandbox/sandbox-world.ts';

describe.skipIf(!hasNginx)('a call passes through a gateway (nginx)', () => {
  test('as it is', async () => {
    const sandbox = await openSandbox();
    const gateway = await startNginx({ upstreamPort: Number(new URL(sandbox.baseUrl).port) });
    expect(await sendCall(gateway.origin, registerCall('1', somePar))).toMatchObject({ status: 200 });
    await gateway.stop();
    expect(await sendCall(gateway.origin, registerCall('1', somePar))).toMatchObject({
      error: 'ECONNREFUSED',
    });
  });

  test('a configuration that is none is told in its own words', async () => {
    await expect(startNginx({ upstreamPort: 1, server: 'nonsense on;' })).rejects.toThrow(
      /unknown directive/,
    );
  });
});

describe.skipIf(!hasHaproxy)('a call passes through a gateway (haproxy)', () => {
  test('as it is', async () => {
    const sandbox = await openSandbox();
    const gateway = await startHaproxy({ upstreamPort: Number(new URL(sandbox.baseUrl).port) });
    expect(await sendCall(gateway.origin, registerCall('1', somePar))).toMatchObject({ status: 200 });
    await gateway.stop();
    expect(await sendCall(gateway.origin, registerCall('1', somePar))).toMatchObject({
      error: 'ECONNREFUSED',
    });
  });
});
