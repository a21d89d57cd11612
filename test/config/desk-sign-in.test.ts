import { describe, expect, test } from 'vitest';
import { resolveDeskSignIn } from '../../src/config/desk/sign-in-configuration.ts';
import { openEnvironment, type Variables } from '../../src/config/environment.ts';
import { createWorkplace } from './workplace.ts';

const secret = 'a-secret-of-thirty-two-characters';
const people = {
  KONA_DESK_URL: 'https://desk.example.com',
  KONA_DESK_UPLOADERS: 'Kim@Corp.example, Finance ,',
  KONA_DESK_APPROVERS: 'lee@corp.example',
};
const byProxy = { ...people, KONA_DESK_PROXY_SECRET: secret };
const byOidc = {
  ...people,
  KONA_DESK_OIDC_ISSUER: 'https://login.example.com/realm',
  KONA_DESK_OIDC_CLIENT_ID: 'desk',
  KONA_DESK_OIDC_CLIENT_SECRET: 'hidden',
};

async function resolve(env: Variables) {
  const { cwd, write } = await createWorkplace();
  await write('secret.txt', `${secret}\n`);
  const environment = await openEnvironment(env, cwd);
  if (environment.kind === 'refused') throw new Error(environment.problems.join());
  return await resolveDeskSignIn(environment.value);
}

test('nothing set: nobody signs in', async () => {
  expect(await resolve({ KONA_DESK_URL: '' })).toEqual({ kind: 'valid', value: null });
});

test('a proxy: e-mail addresses in lower case, groups as they are, headers as oauth2-proxy has them', async () => {
  const found = await resolve({ ...people, KONA_DESK_PROXY_SECRET_FILE: 'secret.txt' });
  expect(found).toMatchObject({
    kind: 'valid',
    value: {
      origin: 'https://desk.example.com',
      way: { kind: 'proxy', emailHeader: 'x-auth-request-email', groupsHeader: 'x-auth-request-groups' },
      roles: {
        uploader: { emails: ['kim@corp.example'], groups: ['Finance'] },
        approver: { emails: ['lee@corp.example'], groups: [] },
        viewer: { emails: [], groups: [] },
      },
    },
  });
  expect(JSON.stringify(found)).not.toContain(secret);
});

test('OpenID Connect', async () => {
  const found = await resolve(byOidc);
  expect(found).toMatchObject({
    kind: 'valid',
    value: {
      way: {
        kind: 'oidc',
        issuer: 'https://login.example.com/realm',
        clientId: 'desk',
        scope: 'openid email',
        groupsClaim: 'groups',
      },
    },
  });
  expect(JSON.stringify(found)).not.toContain('hidden');
});

describe('what is half set up is refused, without a secret in the words', () => {
  test.each<[Variables, string]>([
    [people, 'KONA_DESK_URL is set, and no way to sign in'],
    [{ KONA_DESK_VIEWERS: 'x' }, 'KONA_DESK_VIEWERS is set, and no way to sign in'],
    [{ ...byProxy, ...byOidc }, 'are both set'],
    [{ ...byProxy, KONA_DESK_URL: undefined }, 'KONA_DESK_URL is not set'],
    [{ ...byProxy, KONA_DESK_URL: 'http://desk.example.com' }, 'expected https://host'],
    [{ ...byProxy, KONA_DESK_URL: 'https://desk.example.com/kona' }, 'without a path'],
    [{ ...byProxy, KONA_DESK_URL: 'desk' }, 'expected https://host'],
    [{ ...byProxy, KONA_DESK_UPLOADERS: ' , ' }, 'KONA_DESK_UPLOADERS not set'],
    [{ ...byProxy, KONA_DESK_APPROVERS: undefined }, 'KONA_DESK_APPROVERS not set'],
    [{ ...people, KONA_DESK_PROXY_HEADER: 'X-Email' }, 'KONA_DESK_PROXY_SECRET is not set'],
    [{ ...people, KONA_DESK_PROXY_SECRET: secret.slice(0, 31) }, 'at least 32 characters'],
    [{ ...people, KONA_DESK_PROXY_SECRET: `${secret} ${secret}` }, 'without blanks'],
    [{ ...people, KONA_DESK_PROXY_SECRET_FILE: 'none.txt' }, 'no such file'],
    [{ ...byProxy, KONA_DESK_PROXY_HEADER: 'X Email' }, 'expected names of headers'],
    [{ ...byProxy, KONA_DESK_PROXY_HEADER: 'X-Kona-Desk-Secret' }, 'two headers of their own'],
    [{ ...byProxy, KONA_DESK_PROXY_GROUPS_HEADER: 'x-auth-request-email' }, 'two headers of their own'],
    [{ ...byOidc, KONA_DESK_OIDC_CLIENT_SECRET: undefined }, 'OpenID Connect needs'],
    [
      { ...byOidc, KONA_DESK_OIDC_ISSUER: 'http://login.example.com' },
      'KONA_DESK_OIDC_ISSUER: expected an https',
    ],
    [{ ...byOidc, KONA_DESK_OIDC_SCOPE: 'email' }, 'openid is missing'],
  ])('%j', async (env, words) => {
    const found = await resolve(env);
    expect(found).toMatchObject({ kind: 'refused' });
    const problems = found.kind === 'refused' ? found.problems.join() : '';
    expect(problems).toContain(words);
    expect(problems).not.toContain(secret.slice(0, 31));
  });
});
