import { expect, test, vi } from 'vitest';
import { proveAuditTrail } from '../../../src/ledger/desk/audit-proof.ts';
import { listOf } from '../../support/enrolment-world.ts';
import { withLedgerOf } from '../../support/ledger-of-world.ts';
import { startOidcServer, type OidcServer } from '../../support/oidc-server.ts';
import { DeskVisitor } from './desk-visitor.ts';
import { createSignedInWorld, ORIGIN, type SignedInWorld } from './signed-in-world.ts';

/** Each test starts the real program, on a machine that may have other work. */
vi.setConfig({ testTimeout: 600_000 });

const SESSION = '__Host-desk_session';
const CALLBACK = `${ORIGIN}/sign-in/callback`;

async function startDesk(provider: OidcServer): Promise<SignedInWorld> {
  return await createSignedInWorld({
    env: {
      KONA_DESK_OIDC_ISSUER: provider.issuer,
      KONA_DESK_OIDC_CLIENT_ID: provider.client.id,
      KONA_DESK_OIDC_CLIENT_SECRET: provider.client.secret,
      KONA_DESK_UPLOADERS: 'kim@corp.example',
      KONA_DESK_APPROVERS: 'lee@corp.example,kim@corp.example',
    },
    job: 'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }',
  });
}

/** Signs the account `sub` in under an e-mail address, in a browser of its own. */
async function signIn(
  desk: SignedInWorld,
  provider: OidcServer,
  name: string,
  sub: string,
): Promise<DeskVisitor> {
  provider.becomes({ email: `${name}@corp.example`, email_verified: true }, sub);
  const browser = new DeskVisitor(desk.place, [{ listensAt: provider.issuer, origin: provider.issuer }]);
  const page = await browser.open(`${ORIGIN}/`);
  expect(page.text).toContain(`<b>${name}@corp.example</b>`);
  return browser;
}

test('a person is an account: another address of it approves nothing, and an address that changed hands neither', async () => {
  await using provider = await startOidcServer(CALLBACK);
  await using desk = await startDesk(provider);
  const kim = await signIn(desk, provider, 'kim', 'sub-kim');
  const path = await kim.upload('list.csv', listOf(2));
  // The same account comes back under an address that has the role approver.
  const kimAsLee = await signIn(desk, provider, 'lee', 'sub-kim');
  const own = await kimAsLee.page(path);
  expect(own.text).toContain('You uploaded this list');
  expect(own.text).not.toContain(`${path}/approve`);
  const planned = /name="planned"\s+value="(?<planned>[^"]+)"/;
  const lee = await signIn(desk, provider, 'lee', 'sub-lee');
  const shown = planned.exec((await lee.page(path)).text)?.groups?.['planned'] ?? '';
  const refused = await kimAsLee.press(path, 'approve', { planned: shown });
  expect([refused.status, refused.text.includes('somebody else decides about it')]).toEqual([403, true]);
  const declined = await kimAsLee.press(path, 'decline', { planned: shown, reason: 'mine' });
  expect(declined.status).toBe(403);
  // The address belongs to somebody else now, who is neither the uploader nor a second person.
  const newKim = await signIn(desk, provider, 'kim', 'sub-new');
  expect((await newKim.press(path, 'withdraw')).status).toBe(403);
  expect((await newKim.press(path, 'approve', { planned: shown })).status).toBe(403);
  expect(desk.world.sandbox.calls()).toHaveLength(0);
  expect((await lee.press(path, 'approve')).status).toBe(303);
  await kim.until(path, 'ended');
  expect(desk.world.sandbox.calls()).toHaveLength(2);
  await desk.stop();
  await withLedgerOf(desk.world, async (ledger) => {
    const rows = await ledger.query<{ who: string; account: string | null; what: string; detail: string }>(
      `select who, account, what, detail from audit_entry where what not in ('signed_in', 'planned') order by entry_no`,
    );
    const sub = (account: string | null): string => account?.replace(`${provider.issuer}#`, '') ?? '';
    expect(
      rows.map(({ who, account, what }) => `${who.split('@')[0] ?? ''} ${sub(account)} ${what}`),
    ).toEqual([
      'kim sub-kim uploaded',
      'lee sub-kim not_allowed',
      'kim sub-new not_allowed',
      'kim sub-new not_allowed',
      'lee sub-lee approved',
      'lee sub-lee started',
      'kona-enroll  ended',
    ]);
    expect(rows[1]?.detail).toBe('decide about their own upload');
    expect(await proveAuditTrail(ledger)).toMatchObject({ kind: 'whole' });
  });
});

test('people see where they are signed in, and end one session or all: pages, forms and streams', async () => {
  await using provider = await startOidcServer(CALLBACK);
  await using desk = await startDesk(provider);
  const [one, two, three] = [
    await signIn(desk, provider, 'kim', 'sub-kim'),
    await signIn(desk, provider, 'kim', 'sub-kim'),
    await signIn(desk, provider, 'kim', 'sub-kim'),
  ];
  const lee = await signIn(desk, provider, 'lee', 'sub-lee');
  const page = await one.page('/sessions');
  expect(page.text.match(/action="\/sessions\/end"/g)).toHaveLength(2);
  expect(page.text.match(/This browser/g)).toHaveLength(1);
  // No page shows a token, or its hash.
  expect(page.text).not.toMatch(/[0-9a-f]{64}/);
  expect(page.text).not.toContain(one.cookiesOf(ORIGIN).get(SESSION) ?? '-');
  const sessions = Array.from(page.text.matchAll(/name="session" value="([^"]+)"/g), ([, id]) => id ?? '');
  // Nobody ends another person's session, nor one that is not there.
  for (const session of [...sessions, 'x', '00000000-0000-0000-0000-000000000000'])
    expect((await lee.submit(`${ORIGIN}/sessions`, '/sessions/end', { session })).status).toBe(409);
  const path = await two.upload('list.csv', listOf(2));
  const stream = two.until(path, 'never');
  // The session that was last used stands first.
  const ended = await one.submit(`${ORIGIN}/sessions`, '/sessions/end', { session: sessions[0] ?? '' });
  expect([ended.status, ended.headers.location]).toEqual([303, '/sessions']);
  const ends = await Promise.all([two, three].map(async (browser) => (await browser.page('/')).status));
  expect(new Set(ends)).toEqual(new Set([200, 303]));
  const everywhere = await one.submit(`${ORIGIN}/sessions`, '/sessions/end-all');
  expect([everywhere.status, everywhere.headers.location]).toEqual([303, '/signed-out']);
  for (const browser of [one, two, three]) expect((await browser.page('/')).status).toBe(303);
  await expect(stream).rejects.toThrow('ended before never');
  expect((await lee.page('/')).status).toBe(200);
  await desk.stop();
  await withLedgerOf(desk.world, async (ledger) => {
    expect(
      await ledger.query(
        `select who, count(*)::integer as ended from audit_entry where what = 'session_ended' group by who`,
      ),
    ).toEqual([{ who: 'kim@corp.example', ended: 3 }]);
  });
});

test('the trail tells of refused sign-ins, each once an hour; an address the provider did not verify is none', async () => {
  await using provider = await startOidcServer(CALLBACK);
  await using desk = await startDesk(provider);
  const come = async (claims: Readonly<Record<string, unknown>>, sub: string): Promise<number> => {
    provider.becomes(claims, sub);
    const browser = new DeskVisitor(desk.place, [{ listensAt: provider.issuer, origin: provider.issuer }]);
    return (await browser.open(`${ORIGIN}/`)).status;
  };
  for (const _again of [1, 2]) expect(await come({ email: 'joe@corp.example' }, 'sub-joe')).toBe(403);
  // Some providers write this claim as a text.
  expect(await come({ email: 'kim@corp.example', email_verified: 'false' }, 'sub-x')).toBe(403);
  expect(await come({ email: 'kim@corp.example', email_verified: 'true' }, 'sub-kim')).toBe(200);
  await desk.stop();
  await withLedgerOf(desk.world, async (ledger) => {
    expect(
      await ledger.query(`select who, account, what, detail from audit_entry order by entry_no`),
    ).toMatchObject([
      {
        who: 'joe@corp.example',
        account: `${provider.issuer}#sub-joe`,
        what: 'sign_in_refused',
        detail: 'no role',
      },
      {
        who: 'unknown',
        account: `${provider.issuer}#sub-x`,
        what: 'sign_in_refused',
        detail: 'the provider has not verified the e-mail address',
      },
      { who: 'kim@corp.example', account: `${provider.issuer}#sub-kim`, what: 'signed_in' },
    ]);
  });
});
