import { expect, test, vi } from 'vitest';
import { startOidcServer, type OidcServer } from '../../support/oidc-server.ts';
import { openLedger } from '../../../src/ledger/engine/open-ledger.ts';
import { PlainBrowser } from './plain-browser.ts';
import { createSignedInWorld, ORIGIN, type SignedInWorld } from './signed-in-world.ts';

/** Each test starts the real program, on a machine that may have other work. */
vi.setConfig({ testTimeout: 600_000 });

const SESSION = '__Host-desk_session';

function envOf({ issuer, client }: OidcServer): Readonly<Record<string, string>> {
  return {
    KONA_DESK_OIDC_ISSUER: issuer,
    KONA_DESK_OIDC_CLIENT_ID: client.id,
    KONA_DESK_OIDC_CLIENT_SECRET: client.secret,
  };
}

function browse(desk: SignedInWorld, provider: OidcServer): PlainBrowser {
  return new PlainBrowser([desk.place, { listensAt: provider.issuer, origin: provider.issuer }]);
}

const kim = { email: 'Kim@corp.example', email_verified: true };

test('signing in by the code flow: PKCE, state and nonce, back to the page, out again on the server', async () => {
  await using provider = await startOidcServer(`${ORIGIN}/sign-in/callback`);
  await using desk = await createSignedInWorld({ env: envOf(provider) });
  provider.becomes(kim);
  const browser = browse(desk, provider);
  // Without a session every page leads to the sign-in, which remembers the page.
  const first = await browser.ask(`${ORIGIN}/uploads/new`);
  expect([first.status, first.headers.location]).toEqual([303, '/sign-in?back=%2Fuploads%2Fnew']);
  const leaves = await browser.ask(`${ORIGIN}/sign-in?back=%2Fuploads%2Fnew`);
  const to = new URL(leaves.headers.location ?? '');
  expect(to.origin).toBe(provider.issuer);
  expect(Object.fromEntries(to.searchParams)).toMatchObject({
    client_id: 'desk',
    response_type: 'code',
    code_challenge_method: 'S256',
    scope: 'openid email',
    redirect_uri: `${ORIGIN}/sign-in/callback`,
  });
  for (const name of ['state', 'nonce', 'code_challenge'])
    expect(to.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
  const page = await browser.open(to.href);
  expect([page.status, page.address]).toEqual([200, `${ORIGIN}/uploads/new`]);
  expect(page.text).toContain('<b>kim@corp.example</b>');

  const token = browser.cookiesOf(ORIGIN).get(SESSION) ?? '';
  expect(token).toMatch(/^[\w-]{43}$/);
  expect([...browser.cookiesOf(ORIGIN).keys()]).not.toContain('__Host-desk_sign_in');
  // The session ended on the server, so the old cookie opens nothing any more.
  const out = await browser.submit(`${ORIGIN}/`, '/sign-out');
  expect([out.status, out.headers.location]).toEqual([303, '/signed-out']);
  expect((await browser.ask(`${ORIGIN}/signed-out`)).status).toBe(200);
  browser.cookiesOf(ORIGIN).set(SESSION, token);
  expect((await browser.ask(`${ORIGIN}/`)).status).toBe(303);

  await desk.stop();
  const ledger = await openLedger(desk.world.ledger.address);
  try {
    expect(await ledger.query('select who, what from audit_entry order by entry_no')).toEqual([
      { who: 'kim@corp.example', what: 'signed_in' },
      { who: 'kim@corp.example', what: 'signed_out' },
    ]);
    expect(await ledger.query('select 1 from desk_session')).toEqual([]);
  } finally {
    await ledger.close();
  }
});

test('the cookie of a session is a new one at each sign-in, for this host, TLS and no script', async () => {
  await using provider = await startOidcServer(`${ORIGIN}/sign-in/callback`);
  await using desk = await createSignedInWorld({ env: envOf(provider) });
  provider.becomes(kim);
  const browser = browse(desk, provider);
  // A cookie that somebody else planted (session fixation) never becomes the session's.
  const planted = 'A'.repeat(43);
  browser.cookiesOf(ORIGIN).set(SESSION, planted);
  await browser.open(`${ORIGIN}/`);
  const first = browser.cookiesOf(ORIGIN).get(SESSION);
  expect(first).not.toBe(planted);
  // Signing in again ends the previous session.
  const leaves = await browser.ask(`${ORIGIN}/sign-in`);
  const { address: _address, ...callback } = await comeBack(browser, leaves.headers.location ?? '');
  expect(callback.setCookies).toContainEqual(
    expect.stringMatching(new RegExp(`^${SESSION}=[\\w-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax$`)),
  );
  const second = browser.cookiesOf(ORIGIN).get(SESSION);
  expect(second).not.toBe(first);
  expect((await browser.ask(`${ORIGIN}/`)).status).toBe(200);
  const thief = browse(desk, provider);
  thief.cookiesOf(ORIGIN).set(SESSION, first ?? '');
  expect((await thief.ask(`${ORIGIN}/`)).status).toBe(303);
  await desk.stop();
  const ledger = await openLedger(desk.world.ledger.address);
  try {
    // The ledger holds a hash, which opens nothing.
    const rows = await ledger.query<{ token_sha256: string }>('select token_sha256 from desk_session');
    expect(rows.map(({ token_sha256: hash }) => hash)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(rows[0]?.token_sha256).not.toContain(second);
  } finally {
    await ledger.close();
  }
});

/** Follows the provider's redirects to the address that leads back to the desk, and opens that. */
async function comeBack(browser: PlainBrowser, address: string) {
  for (let at = address; ;) {
    const answer = await browser.ask(at);
    if (at.startsWith(ORIGIN)) return { ...answer, address: at };
    at = new URL(answer.headers.location ?? '', at).href;
  }
}

test('a callback that is forged, another’s or comes twice signs nobody in, and the provider is not asked', async () => {
  await using provider = await startOidcServer(`${ORIGIN}/sign-in/callback`);
  await using desk = await createSignedInWorld({ env: envOf(provider) });
  provider.becomes(kim);
  const browser = browse(desk, provider);
  const callback = `${ORIGIN}/sign-in/callback`;
  const state =
    new URL((await browser.ask(`${ORIGIN}/sign-in`)).headers.location ?? '').searchParams.get('state') ?? '';
  const before = provider.asked.length;
  const refusals = [
    // This browser has not begun a sign-in.
    await browse(desk, provider).ask(`${callback}?code=abc&state=${state}`),
    await browser.ask(`${callback}?code=abc&state=${'x'.repeat(43)}`),
  ];
  for (const { status, setCookies } of refusals) {
    expect(status).toBe(502);
    expect(setCookies.join()).not.toContain(`${SESSION}=`);
  }
  expect(provider.asked.slice(before)).toEqual([]);
  await desk.serving.said('a sign-in failed: ');

  // The browser opens the same address a second time, as from its history.
  const done = await comeBack(browser, (await browser.ask(`${ORIGIN}/sign-in`)).headers.location ?? '');
  expect(done.status).toBe(303);
  const thief = browse(desk, provider);
  expect((await thief.ask(done.address)).status).toBe(502);
  expect(thief.cookiesOf(ORIGIN).has(SESSION)).toBe(false);
  // The provider's error reaches the log, and no page.
  await browser.ask(`${ORIGIN}/sign-in`);
  const told = await browser.ask(`${callback}?error=access_denied&error_description=%3Cscript%3E&state=x`);
  expect([told.status, told.text.includes('&lt;script&gt;') || told.text.includes('access_denied')]).toEqual([
    502,
    false,
  ]);
});

test('nobody is sent elsewhere after signing in', async () => {
  await using provider = await startOidcServer(`${ORIGIN}/sign-in/callback`);
  await using desk = await createSignedInWorld({ env: envOf(provider) });
  provider.becomes(kim);
  const browser = browse(desk, provider);
  for (const back of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/uploads/../../evil',
    'javascript:alert(1)',
  ]) {
    const leaves = await browser.ask(`${ORIGIN}/sign-in?${new URLSearchParams({ back }).toString()}`);
    const done = await comeBack(browser, leaves.headers.location ?? '');
    expect([back, done.headers.location]).toEqual([back, '/']);
  }
});

test('who has no role, or no verified e-mail address, is told so and gets no session', async () => {
  await using provider = await startOidcServer(`${ORIGIN}/sign-in/callback`);
  await using desk = await createSignedInWorld({ env: envOf(provider) });
  const end = async (claims: Readonly<Record<string, unknown>>) => {
    provider.becomes(claims);
    const browser = browse(desk, provider);
    const page = await comeBack(browser, (await browser.ask(`${ORIGIN}/sign-in`)).headers.location ?? '');
    return { ...page, hasSession: browser.cookiesOf(ORIGIN).has(SESSION) };
  };
  const stranger = await end({ email: 'joe@corp.example', email_verified: true });
  expect(stranger).toMatchObject({ status: 403, hasSession: false });
  expect(stranger.text).toContain('joe@corp.example');
  expect(await end({ ...kim, email_verified: false })).toMatchObject({ status: 403, hasSession: false });
  expect(await end({})).toMatchObject({ status: 403, hasSession: false });
  await desk.serving.said('the provider has not verified the e-mail address');
  // A group that the provider names gives a role.
  const head = await end({ email: 'joe@corp.example', email_verified: true, groups: ['All', 'Heads'] });
  expect(head).toMatchObject({ status: 303, hasSession: true });
});

test('a provider that is gone is told, and asked again by the next who signs in', async () => {
  const gone = await startOidcServer(`${ORIGIN}/sign-in/callback`);
  await gone[Symbol.asyncDispose]();
  await using desk = await createSignedInWorld({ env: envOf(gone) });
  const browser = browse(desk, gone);
  expect((await browser.ask(`${ORIGIN}/sign-in`)).status).toBe(502);
  await desk.serving.said('a sign-in failed: ');
  expect((await browser.ask(`${ORIGIN}/sign-in`)).status).toBe(502);
});
