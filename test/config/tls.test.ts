import { generateKeyPairSync } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Environment, Variables } from '../../src/config/environment.ts';
import { resolveTls } from '../../src/config/provider/tls-configuration.ts';
import { resolveTransport } from '../../src/config/provider/transport-configuration.ts';
import { createAuthority, issueCertificate } from '../support/certificates.ts';
import { createWorkplace } from './workplace.ts';

const root = await createAuthority();
const client = await issueCertificate({ by: root });
const address = 'https://pay.example';

function environmentOf(env: Variables, cwd = '/'): Environment {
  return { layers: [env], cwd };
}

async function problemsOf(env: Variables): Promise<readonly string[]> {
  const result = await resolveTls(environmentOf(env));
  if (result.kind === 'valid') throw new Error('accepted, but a refusal was expected');
  return result.problems;
}

function pairOf({ cert, key }: { readonly cert: string; readonly key: string }): Variables {
  return { KONA_TLS_CERTIFICATE: cert, KONA_TLS_KEY: key };
}

describe('taken', () => {
  test('nothing given', async () => {
    const value = { ca: null, client: null };
    expect(await resolveTls(environmentOf({}))).toEqual({ kind: 'valid', value });
  });

  test('by file, in one that holds more than it must', async () => {
    const { cwd, write } = await createWorkplace();
    await write('root.pem', `# our root\n${root.cert}`);
    await write('member.pem', `${client.key}\nBag Attributes\n${client.cert}\n${root.cert}\n`);
    await write('member.key', client.key);
    const env = {
      KONA_TLS_CA_FILE: 'root.pem',
      KONA_TLS_CERTIFICATE_FILE: 'member.pem',
      KONA_TLS_KEY_FILE: 'member.key',
    };
    const result = await resolveTls(environmentOf(env, cwd));
    const value = result.kind === 'valid' ? result.value : null;
    const certificate = value?.client?.certificate ?? '';
    expect(value?.ca).toBe(root.cert);
    expect(certificate.match(/BEGIN [A-Z ]+/g)).toEqual(['BEGIN CERTIFICATE', 'BEGIN CERTIFICATE']);
    expect(certificate).not.toContain('PRIVATE');
    const key = value?.client?.key.reveal() ?? '';
    expect(() => createSecureContext({ cert: certificate, key, ca: value?.ca ?? '' })).not.toThrow();
    expect(JSON.stringify(value)).not.toContain('PRIVATE');
  });

  test('roots of which one is too old', async () => {
    const old = await issueCertificate({ by: null, hosts: ['old'], validFrom: -9, validTo: -1 });
    const result = await resolveTls(environmentOf({ KONA_TLS_CA: old.cert + root.cert }));
    expect(result.kind).toBe('valid');
  });
});

describe('refused by rule', () => {
  test.each<[string, () => Promise<Variables> | Variables, RegExp]>([
    ['no PEM as CA', () => ({ KONA_TLS_CA: 'planted' }), /^KONA_TLS_CA: expected certificates in PEM/],
    [
      'a broken CA',
      () => ({ KONA_TLS_CA: `${root.cert}${root.cert.replace(/\n[A-Za-z0-9+/]{9}/, '\nplanted')}` }),
      /^KONA_TLS_CA: expected certificates in PEM/,
    ],
    ['a key as CA', () => ({ KONA_TLS_CA: root.key }), /^KONA_TLS_CA: expected certificates in PEM/],
    [
      'a CA that has expired',
      async () => ({
        KONA_TLS_CA: (await issueCertificate({ by: null, hosts: ['x'], validFrom: -9, validTo: -1 })).cert,
      }),
      /^KONA_TLS_CA: no certificate in it is valid any more$/,
    ],
    [
      'a certificate without key',
      () => ({ KONA_TLS_CERTIFICATE: client.cert }),
      /^KONA_TLS_CERTIFICATE and KONA_TLS_KEY belong together; not set: KONA_TLS_KEY \(/,
    ],
    [
      'a key without certificate',
      () => ({ KONA_TLS_KEY: client.key }),
      /^KONA_TLS_CERTIFICATE and KONA_TLS_KEY belong together; not set: KONA_TLS_CERTIFICATE \(/,
    ],
    [
      'no PEM as certificate',
      () => pairOf({ ...client, cert: 'planted' }),
      /^KONA_TLS_CERTIFICATE: expected a certificate in PEM$/,
    ],
    [
      'no PEM as key',
      () => pairOf({ ...client, key: 'planted' }),
      /^KONA_TLS_KEY: expected a private key in PEM/,
    ],
    [
      'the certificate as key',
      () => pairOf({ ...client, key: client.cert }),
      /^KONA_TLS_KEY: expected a private key/,
    ],
    [
      'the key of another',
      async () => pairOf({ ...client, key: (await issueCertificate({ by: root })).key }),
      /^KONA_TLS_KEY: it does not belong to the certificate in KONA_TLS_CERTIFICATE/,
    ],
    [
      'a key of another kind',
      () =>
        pairOf({
          ...client,
          key: String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
        }),
      /^KONA_TLS_KEY: it does not belong to the certificate in KONA_TLS_CERTIFICATE/,
    ],
    [
      'a certificate that has expired',
      async () => pairOf(await issueCertificate({ by: root, validFrom: -9, validTo: -1 })),
      /^KONA_TLS_CERTIFICATE: it expired on \d{4}-\d\d-\d\d$/,
    ],
    [
      'a certificate that is not valid yet',
      async () => pairOf(await issueCertificate({ by: root, validFrom: 5 })),
      /^KONA_TLS_CERTIFICATE: it is valid from \d{4}-\d\d-\d\d on only$/,
    ],
    [
      'an encrypted key',
      async () => pairOf(await issueCertificate({ by: root, passphrase: 'planted' })),
      /^KONA_TLS_KEY: the key is encrypted; take the passphrase off once \(openssl pkey/,
    ],
    [
      'an encrypted key of the old form',
      () => pairOf({ ...client, key: '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nplanted' }),
      /^KONA_TLS_KEY: the key is encrypted/,
    ],
    [
      'a key too small for TLS',
      async () => pairOf(await issueCertificate({ by: null, keyType: 'rsa', keySize: 1024 })),
      /^KONA_TLS_CERTIFICATE: it can't be used for TLS \(ERR_SSL_EE_KEY_TOO_SMALL\)$/,
    ],
    [
      'two sources',
      () => ({ KONA_TLS_KEY: 'planted', KONA_TLS_KEY_FILE: 'x' }),
      /^KONA_TLS_KEY and KONA_TLS_KEY_FILE/,
    ],
    [
      'a file that is not there',
      () => ({ KONA_TLS_CA_FILE: '/nowhere' }),
      /^KONA_TLS_CA_FILE: no such file$/,
    ],
  ])('%s', async (_what, make, rule) => {
    const env = await make();
    const problems = await problemsOf(env);
    expect(problems).toEqual([expect.stringMatching(rule)]);
    const lines = Object.values(env).flatMap((value) => value?.split('\n') ?? []);
    const secret = lines.filter((line) => line.length > 20 && !line.startsWith('-'));
    expect(['planted', ...secret].filter((text) => problems.join().includes(text))).toEqual([]);
  });

  test('all of it at once', async () => {
    const problems = await problemsOf({ KONA_TLS_CA: 'x', KONA_TLS_CERTIFICATE: 'y', KONA_TLS_KEY: 'z' });
    expect(problems).toHaveLength(3);
  });
});

describe('transport', () => {
  test('every problem with it is told together', async () => {
    const env = { HTTPS_PROXY: 'planted', KONA_TLS_CA: 'planted', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    expect(await resolveTransport(address, environmentOf(env))).toEqual({
      kind: 'refused',
      problems: [
        expect.stringMatching(/^HTTPS_PROXY: /),
        expect.stringMatching(/^KONA_TLS_CA: /),
        expect.stringMatching(/^NODE_TLS_REJECT_UNAUTHORIZED=0: certificates are always checked; /),
      ],
    });
  });

  test('to this machine by plain http none of it is used, nor judged', async () => {
    const env = { HTTPS_PROXY: 'x', KONA_TLS_CA: 'x', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const result = await resolveTransport('http://127.0.0.1:8080', environmentOf(env));
    expect(result).toEqual({ kind: 'valid', value: { proxy: null, tls: { ca: null, client: null } } });
  });

  test('NODE_TLS_REJECT_UNAUTHORIZED=1 is what we do anyway', async () => {
    const result = await resolveTransport(address, environmentOf({ NODE_TLS_REJECT_UNAUTHORIZED: '1' }));
    expect(result.kind).toBe('valid');
  });
});
