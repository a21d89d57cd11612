import { existsSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createWorld } from '../../support/enrolment-world.ts';
import { embeddedEngine } from '../../support/ledgers.ts';
import { runProgram } from '../../support/program.ts';
import { PlainBrowser } from './plain-browser.ts';
import { createSignedInWorld, ORIGIN, people } from './signed-in-world.ts';

/** Each test starts the real program, on a machine that may have other work. */
vi.setConfig({ testTimeout: 600_000 });

const secret = 'a-secret-of-thirty-two-characters';
const env = { KONA_DESK_PROXY_SECRET: secret };

function as(email: string, more: Readonly<Record<string, string>> = {}) {
  return {
    headers: {
      'x-auth-request-email': email,
      'x-kona-desk-secret': secret,
      'accept-language': 'en',
      ...more,
    },
  };
}

test('a proxy says who somebody is; what they may do is told by their role, in words', async () => {
  await using desk = await createSignedInWorld({ env });
  const browser = new PlainBrowser([desk.place]);
  const uploads = await browser.ask(`${ORIGIN}/`, as('Kim@Corp.example'));
  expect(uploads.status).toBe(200);
  expect(uploads.text).toContain('Signed in as <b>kim@corp.example</b>');
  // The proxy signs people out, not the desk, and the desk is not one for one person.
  expect(uploads.text).not.toContain('/sign-out');
  expect(uploads.text).not.toContain('one person');
  expect((await browser.ask(`${ORIGIN}/uploads/new`, as('kim@corp.example'))).status).toBe(200);

  const looks = await browser.ask(`${ORIGIN}/`, as('ann@corp.example'));
  expect(looks.status).toBe(200);
  const refused = await browser.ask(`${ORIGIN}/uploads/new`, as('ann@corp.example'));
  expect(refused.status).toBe(403);
  expect(refused.text).toContain('Your role at this desk does not do that');

  await desk.serving.said('ann@corp.example was refused GET /uploads/new: it needs the role uploader');

  const stranger = await browser.ask(`${ORIGIN}/`, as('joe@corp.example'));
  expect(stranger.status).toBe(403);
  expect(stranger.text).toContain('you have no role at this desk');
  expect(stranger.text).toContain('joe@corp.example');
  // A group gives a role too.
  const inGroup = as('joe@corp.example', { 'x-auth-request-groups': 'All,Heads' });
  expect((await browser.ask(`${ORIGIN}/`, inGroup)).status).toBe(200);
  expect((await browser.ask(`${ORIGIN}/uploads/new`, inGroup)).status).toBe(403);
});

test('nobody is believed without the secret, on any page, and the log tells of it', async () => {
  await using desk = await createSignedInWorld({ env });
  const browser = new PlainBrowser([desk.place]);
  const style = /href="(?<style>\/assets\/[^"]+)"/.exec(
    (await browser.ask(`${ORIGIN}/`, as('kim@corp.example'))).text,
  )?.groups?.['style'];
  for (const path of ['/', '/uploads/new', '/none', style ?? '']) {
    for (const wrong of ['', 'guess', secret.slice(1), `${secret}x`]) {
      const answer = await browser.ask(
        `${ORIGIN}${path}`,
        as('kim@corp.example', { 'x-kona-desk-secret': wrong }),
      );
      expect([path, wrong, answer.status]).toEqual([path, wrong, 401]);
      expect(answer.text).not.toContain('<b>kim@corp.example</b>');
    }
  }
  await desk.serving.said('a request that named somebody was refused: the secret beside it is not ours');
  const nobody = await browser.ask(`${ORIGIN}/`, { headers: { 'accept-language': 'en' } });
  expect(nobody.status).toBe(401);
  expect(nobody.text).toContain('You are not signed in');
  // The style is no secret, and nobody learns which pages exist.
  expect((await browser.ask(`${ORIGIN}${style ?? ''}`)).status).toBe(200);
  expect((await browser.ask(`${ORIGIN}/none`)).status).toBe(401);
  expect((await browser.ask(`${ORIGIN}/none`, as('ann@corp.example'))).status).toBe(404);
});

test('it answers to its public name alone, and what a form of elsewhere asks for is not done', async () => {
  await using desk = await createSignedInWorld({ env });
  const browser = new PlainBrowser([desk.place]);
  const elsewhere = as('kim@corp.example', { host: 'evil.example' });
  expect((await browser.ask(`${ORIGIN}/`, elsewhere)).status).toBe(421);
  const form = {
    ...as('kim@corp.example', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }),
    method: 'POST',
    body: 'language=en&back=/',
  };
  expect((await browser.ask(`${ORIGIN}/language`, form)).status).toBe(403);
  // A refusal is a page too, and has set the cookie that guards its form.
  const page = await new PlainBrowser([desk.place]).ask(`${ORIGIN}/`, as('kim@corp.example'));
  // With TLS no other host can set the cookie that guards forms.
  expect(page.setCookies).toEqual([
    expect.stringMatching(/^__Host-desk_token=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
  ]);
  expect(page.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
});

test('a Unix socket is for its group, and one that a dead process left is replaced', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kona-socket-'));
  const path = join(folder, 'desk.sock');
  try {
    // A killed process leaves such a socket, on which nobody listens.
    const dead = createServer();
    dead.listen(path);
    await once(dead, 'listening');
    renameSync(path, `${path}.kept`);
    dead.close();
    await once(dead, 'close');
    renameSync(`${path}.kept`, path);
    {
      await using desk = await createSignedInWorld({ env, listen: `unix:${path}` });
      expect(desk.place.listensAt).toBe(`unix:${path}`);
      expect((statSync(path).mode & 0o777).toString(8)).toBe('660');
      const browser = new PlainBrowser([desk.place]);
      expect((await browser.ask(`${ORIGIN}/`, as('kim@corp.example'))).status).toBe(200);
      expect((await browser.ask(`${ORIGIN}/healthz`)).status).toBe(200);
      // A socket on which somebody listens is not taken away.
      const second = await runProgram(['serve', 'job.yaml', '--listen', `unix:${path}`], {
        ...desk.world,
        env: { ...desk.world.env, DATABASE_URL: `embedded:${folder}/other` },
      });
      expect(second.exitCode).toBe(8);
      expect(second.stderr).toContain('another process has it');
      expect((await browser.ask(`${ORIGIN}/`, as('kim@corp.example'))).status).toBe(200);
    }
    expect(existsSync(path)).toBe(false);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.each<[Readonly<Record<string, string>>, string, string]>([
  [{ KONA_DESK_PROXY_HEADER: 'X-Email' }, '127.0.0.1:0', 'KONA_DESK_PROXY_SECRET is not set'],
  [{ KONA_DESK_OIDC_ISSUER: 'https://login.example.com' }, '127.0.0.1:0', 'OpenID Connect needs'],
  [env, '0.0.0.0:0', 'past its proxy'],
  [{ ...env, KONA_DESK_APPROVERS: '' }, '127.0.0.1:0', 'KONA_DESK_APPROVERS not set'],
])('half a sign-in is exit 2 before anything is opened: %j at %s', async (given, listen, words) => {
  await using world = await createWorld({ engine: embeddedEngine, job: 'desk: { upload: true }' });
  const end = await runProgram(['serve', 'job.yaml', '--listen', listen], {
    ...world,
    env: { ...world.env, ...people, ...given },
  });
  expect(end.exitCode).toBe(2);
  expect(end.stderr).toContain(words);
  expect(end.stderr).not.toContain(secret);
});
