import { describe, expect, test } from 'vitest';
import type { ProviderClientOptions } from '../../src/konaplate/provider-client.ts';
import { parseBaseUrl } from '../../src/konaplate/provider-settings.ts';
import { createTestClient } from './client-world.ts';

const refused: readonly [string, Partial<ProviderClientOptions>, string][] = [
  ['a short ASP id', { aspId: '95336515000000' }, 'provider_asp_id'],
  ['an ASP id with a blank', { aspId: '95336515 000001' }, 'provider_asp_id'],
  ['a long access key', { accessKey: 'planted'.repeat(6) }, 'provider_access_key'],
  ['an access key with a line break', { accessKey: `${'a'.repeat(39)}\n` }, 'provider_access_key'],
  ['an empty secret key', { secretKey: '' }, 'provider_secret_key'],
  ['no time-out', { timeoutMs: 0 }, 'provider_timeout'],
  ['a time-out no timer can hold', { timeoutMs: 2 ** 31 }, 'provider_timeout'],
  ['no connections', { connections: 0 }, 'provider_connections'],
  ['a base URL that is none', { baseUrl: 'konaplate' }, 'provider_base_url'],
  ['another protocol', { baseUrl: 'ftp://sandbox.konaplate.com' }, 'provider_base_url'],
  ['a password in the base URL', { baseUrl: 'https://a:planted@host/' }, 'provider_base_url'],
  ['a query in the base URL', { baseUrl: 'https://host/?planted' }, 'provider_base_url'],
];

describe('settings', () => {
  test.each(refused)('%s is refused by rule, not by value', (_what, changes, code) => {
    const create = (): unknown => createTestClient('http://127.0.0.1:9', changes);
    expect(create).toThrow(expect.objectContaining({ code }));
    expect(create).not.toThrow(/planted/);
  });

  test('good ones are taken', async () => {
    const client = createTestClient('http://127.0.0.1:9');
    await expect(client.close()).resolves.toBeFalsy();
  });

  test.each([
    ['https://sandbox.konaplate.com/open-api', 'https://sandbox.konaplate.com', '/open-api'],
    ['https://sandbox.konaplate.com/open-api/', 'https://sandbox.konaplate.com', '/open-api'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080', ''],
    ['http://[::1]:8080/', 'http://[::1]:8080', ''],
  ])('%s', (baseUrl, origin, basePath) => {
    expect(parseBaseUrl(baseUrl)).toEqual({ origin, basePath });
  });
});
