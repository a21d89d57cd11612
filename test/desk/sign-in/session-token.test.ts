import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { OidcSignIn } from '../../../src/config/desk/sign-in-configuration.ts';
import { Secret } from '../../../src/config/secret.ts';
import { hashOfToken, makeToken } from '../../../src/desk/sign-in/session-token.ts';

const way: OidcSignIn = {
  kind: 'oidc',
  issuer: 'https://id.example',
  clientId: 'desk',
  clientSecret: new Secret('one'),
  scope: 'openid email',
  groupsClaim: 'groups',
};

test('a new secret of the client, or another provider, ends every session', () => {
  const token = makeToken();
  const hash = hashOfToken(token, way);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(hashOfToken(token, { ...way, scope: 'openid email groups' })).toBe(hash);
  const others = [
    hashOfToken(makeToken(), way),
    hashOfToken(token, { ...way, clientSecret: new Secret('two') }),
    hashOfToken(token, { ...way, issuer: 'https://other.example' }),
    hashOfToken(token, { ...way, clientId: 'other' }),
    createHash('sha256').update(token).digest('hex'),
  ];
  expect(new Set([hash, ...others]).size).toBe(6);
});
