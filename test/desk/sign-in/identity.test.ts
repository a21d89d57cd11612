import { describe, expect, test } from 'vitest';
import type { DeskSignIn, ProxySignIn } from '../../../src/config/desk/sign-in-configuration.ts';
import { Secret } from '../../../src/config/secret.ts';
import { normalEmail, rolesOf, tellingGroups } from '../../../src/desk/sign-in/identity.ts';
import { identityOfProxy } from '../../../src/desk/sign-in/proxy-identity.ts';

const roles: DeskSignIn['roles'] = {
  uploader: { emails: ['kim@corp.example'], groups: ['Finance'] },
  approver: { emails: ['lee@corp.example'], groups: ['Heads'] },
  viewer: { emails: ['ann@corp.example'], groups: [] },
};

describe('roles', () => {
  test.each([
    ['kim@corp.example', [], ['uploader', 'viewer']],
    ['lee@corp.example', ['Finance'], ['approver', 'uploader', 'viewer']],
    ['ann@corp.example', [], ['viewer']],
    ['joe@corp.example', ['Heads'], ['approver', 'viewer']],
    // The case of a group's name counts, because directories tell them apart by it.
    ['joe@corp.example', ['finance'], []],
    ['joe@corp.example', ['kim@corp.example'], []],
  ])('%s in %j', (email, groups, expected) => {
    expect([...rolesOf({ email, groups }, roles)].toSorted()).toEqual(expected);
  });

  test('only groups that give a role are kept', () => {
    expect(tellingGroups(['Everybody', 'Finance'], roles)).toEqual(['Finance']);
  });
});

test.each([
  [' Kim@Corp.Example ', 'kim@corp.example'],
  ['김@corp.example', '김@corp.example'],
  // The same letters in parts.
  ['김@corp.example'.normalize('NFD'), '김@corp.example'],
  ['kim', null],
  ['kim@corp.example, lee@corp.example', null],
  ['kim@corp.example\nlee@corp.example', null],
  ['"kim"@corp.example', null],
  ['@corp.example', null],
  ['kim@', null],
  ['', null],
])('%j as an e-mail address', (text, email) => {
  expect(normalEmail(text)).toBe(email);
});

describe('what a proxy says', () => {
  const secret = 'a-secret-of-thirty-two-characters';
  const settings: ProxySignIn = {
    kind: 'proxy',
    secret: new Secret(secret),
    emailHeader: 'x-auth-request-email',
    groupsHeader: 'x-auth-request-groups',
  };
  const told = (headers: Record<string, string>, remoteAddress: string | undefined = '127.0.0.1') =>
    identityOfProxy({ headers, headersDistinct: {}, socket: { remoteAddress } } as never, settings);
  const named = { 'x-auth-request-email': 'Kim@corp.example' };

  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', ''])('is believed from %s with the secret', (from) => {
    const headers = { ...named, 'x-auth-request-groups': 'Finance, Heads', 'x-kona-desk-secret': secret };
    expect(told(headers, from)).toEqual({
      kind: 'person',
      identity: { email: 'kim@corp.example', account: null, groups: ['Finance', 'Heads'] },
    });
  });

  test.each<[Record<string, string>, string | undefined]>([
    [named, '127.0.0.1'],
    [{ ...named, 'x-kona-desk-secret': '' }, '127.0.0.1'],
    [{ ...named, 'x-kona-desk-secret': secret.slice(1) }, '127.0.0.1'],
    [{ ...named, 'x-kona-desk-secret': `${secret}, ${secret}` }, '127.0.0.1'],
    [{ ...named, 'x-kona-desk-secret': secret }, '10.0.0.7'],
    [{ ...named, 'x-kona-desk-secret': secret }, '::ffff:10.0.0.7'],
    [{ 'x-kona-desk-secret': 'guess' }, '127.0.0.1'],
    [{ 'x-auth-request-email': 'a@b.c, kim@corp.example', 'x-kona-desk-secret': secret }, '127.0.0.1'],
  ])('is not believed: %j from %s', (headers, from) => {
    expect(told(headers, from)).toMatchObject({ kind: 'unbelieved' });
  });

  test.each(['x-auth-request-email', 'x-auth-request-groups'])(
    'is not believed where %s came twice',
    (name) => {
      const headers = { ...named, 'x-kona-desk-secret': secret };
      const request = {
        headers,
        headersDistinct: { [name]: ['a', 'b'] },
        socket: { remoteAddress: '127.0.0.1' },
      };
      expect(identityOfProxy(request as never, settings)).toMatchObject({
        kind: 'unbelieved',
        why: 'a header of the proxy came twice',
      });
    },
  );

  test('without the header nobody is named', () => {
    expect(told({})).toEqual({ kind: 'nobody' });
    expect(told({ 'x-kona-desk-secret': secret })).toEqual({ kind: 'nobody' });
  });
});
