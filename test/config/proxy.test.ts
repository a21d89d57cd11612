import { describe, expect, test } from 'vitest';
import type { Environment, Variables } from '../../src/config/environment.ts';
import { isExcepted, proxySecrets, resolveProxy } from '../../src/config/provider/proxy-configuration.ts';
import { isThisMachine } from '../../src/config/this-machine.ts';

const address = 'https://pay.example/open-api';

function environmentOf(...layers: readonly Variables[]): Environment {
  return { layers, cwd: '/' };
}

/** The proxy's URL, null for none, or the refusal. */
function proxyOf(baseUrl: string, ...layers: readonly Variables[]): string | null {
  const result = resolveProxy(baseUrl, environmentOf(...layers));
  return result.kind === 'valid' ? (result.value?.reveal() ?? null) : result.problems.join();
}

describe('which proxy', () => {
  test.each<[string, Variables, string | null]>([
    ['none given', {}, null],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'http://a:1' }, 'http://a:1'],
    ['https_proxy', { https_proxy: 'http://a:1' }, 'http://a:1'],
    ['the lower case one first', { https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:1' }, 'http://a:1'],
    ['ALL_PROXY', { ALL_PROXY: 'https://a' }, 'https://a'],
    ['all_proxy after HTTPS_PROXY', { all_proxy: 'http://a', HTTPS_PROXY: 'http://b' }, 'http://b'],
    ['HTTP_PROXY is not for https', { HTTP_PROXY: 'http://a', http_proxy: 'http://a' }, null],
    ['an empty one is none', { HTTPS_PROXY: '' }, null],
    ['a user and a password', { HTTPS_PROXY: 'http://u:p%40@a:3128/' }, 'http://u:p%40@a:3128/'],
    ['excepted by NO_PROXY', { HTTPS_PROXY: 'http://a', NO_PROXY: 'pay.example' }, null],
    ['no_proxy for others', { HTTPS_PROXY: 'http://a', no_proxy: 'other.example' }, 'http://a'],
    ['one that is no good, but not needed', { HTTPS_PROXY: 'socks5://a', NO_PROXY: '*' }, null],
  ])('%s', (_what, variables, expected) => {
    expect(proxyOf(address, variables)).toBe(expected);
  });

  test('the environment wins over .env, whatever the spelling, also by setting it to nothing', () => {
    expect(proxyOf(address, { HTTPS_PROXY: 'http://a' }, { https_proxy: 'http://b' })).toBe('http://a');
    expect(proxyOf(address, {}, { https_proxy: 'http://b' })).toBe('http://b');
    expect(proxyOf(address, { HTTPS_PROXY: '' }, { https_proxy: 'http://b' })).toBeNull();
    expect(proxyOf(address, { NO_PROXY: '' }, { HTTPS_PROXY: 'http://b', NO_PROXY: '*' })).toBe('http://b');
  });

  test.each([
    'http://127.0.0.1:8080/x',
    'http://localhost:1',
    'http://[::1]:1',
    'https://127.0.0.1:8443',
    'https://localhost',
    'https://localhost.',
    'https://sandbox.localhost',
    'https://127.255.0.9',
    'https://2130706433',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
  ])('never before this machine: %s', (baseUrl) => {
    const all = Object.fromEntries(
      ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => [
        [name, 'http://proxy.example'],
        [name.toUpperCase(), 'http://proxy.example'],
      ]),
    );
    expect(proxyOf(baseUrl, all)).toBeNull();
    expect(isThisMachine(new URL(baseUrl).hostname)).toBe(true);
  });

  test.each(['localhost.example', '128.0.0.1', '127.0.0.1.example', '[::2]', '10.0.0.1', 'notlocalhost'])(
    '%s is another machine',
    (host) => {
      expect(isThisMachine(host)).toBe(false);
    },
  );
});

describe('a value that is no proxy', () => {
  test.each([
    'proxy.example:3128',
    '//proxy.example',
    'socks5://planted:planted@proxy.example:1080',
    'ftp://proxy.example',
    'http://',
    'http://u:planted#1@proxy.example:1',
    'http://u:1#planted@proxy.example:1',
    'http://u:1/planted@proxy.example:1',
    'http://u:1?planted@proxy.example:1',
    'http://u:planted%@proxy.example:1',
    'http://proxy.example/planted',
    'http://proxy.example:port',
  ])('%s is refused by rule and not repeated', (value) => {
    for (const name of ['HTTPS_PROXY', 'all_proxy']) {
      const refusal = proxyOf(address, { [name]: value });
      expect(refusal).toMatch(new RegExp(`^${name}: expected the http:// or https:// URL of a proxy`));
      expect(refusal).not.toMatch(/planted|3128@|:port/);
    }
  });
});

describe('NO_PROXY', () => {
  test.each([
    ['*', 'https://pay.example'],
    ['pay.example', 'https://pay.example'],
    ['PAY.example.', 'https://pay.EXAMPLE.'],
    ['example', 'https://pay.example'],
    ['.example', 'https://pay.example'],
    ['*.example', 'https://pay.example'],
    ['.pay.example', 'https://pay.example'],
    ['a.example,pay.example', 'https://pay.example'],
    [' a.example \t pay.example,, ', 'https://pay.example'],
    ['pay.example:443', 'https://pay.example'],
    ['pay.example:8443', 'https://pay.example:8443'],
    ['10.1.2.3', 'https://10.1.2.3'],
    ['10.0.0.0/8', 'https://10.1.2.3'],
    ['10.0.0.0/8:443', 'https://10.1.2.3'],
    ['fd00::/8', 'https://[fd12::1]'],
    ['[fd12::1]:443', 'https://[fd12::1]'],
    ['fd12::1', 'https://[fd12:0::1]'],
  ])('%s holds for %s', (list, url) => {
    expect(isExcepted(new URL(url), list)).toBe(true);
  });

  test.each([
    ['', 'https://pay.example'],
    [',', 'https://pay.example'],
    ['ay.example', 'https://pay.example'],
    ['pay.example.org', 'https://pay.example'],
    ['other.pay.example', 'https://pay.example'],
    ['pay.example:8443', 'https://pay.example'],
    ['10.0.0.0/8', 'https://11.1.2.3'],
    ['10.0.0.0/8', 'https://pay.example'],
    ['10.0.0.0/99', 'https://10.1.2.3'],
    ['10.0.0.0/', 'https://10.1.2.3'],
    ['0.0.0.0/0', 'https://[fd12::1]'],
    ['[fd12::1]:8443', 'https://[fd12::1]'],
    ['p*', 'https://pay.example'],
  ])('%s does not hold for %s', (list, url) => {
    expect(isExcepted(new URL(url), list)).toBe(false);
  });
});

describe('secrets', () => {
  const secretsOf = (...layers: readonly Variables[]): readonly string[] =>
    proxySecrets(environmentOf(...layers)).map((secret) => secret.reveal());

  test('the whole URL, the password in each spelling, and what the header holds', () => {
    const url = 'http://user:p%23ss@proxy.example:3128';
    const basic = Buffer.from('user:p#ss').toString('base64');
    expect(secretsOf({ HTTPS_PROXY: url })).toEqual([url, 'p%23ss', 'p#ss', basic]);
  });

  test('a user without a password is a token', () => {
    expect(secretsOf({ all_proxy: 'http://token@proxy.example' })).toContain('token');
  });

  test('of every layer and spelling, used or not, readable or not', () => {
    const secrets = secretsOf(
      { HTTPS_PROXY: 'http://a:one@h', https_proxy: 'socks5://b:two@h' },
      { ALL_PROXY: 'http://c:three%@h', all_proxy: 'no url' },
    );
    expect(secrets).toEqual(expect.arrayContaining(['one', 'two', 'three%', 'no url']));
    expect(secretsOf({ HTTPS_PROXY: '' })).toEqual([]);
  });
});
