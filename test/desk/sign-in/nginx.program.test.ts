import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasNginx, startNginx } from '../../support/gateways.ts';
import { findFreePort } from '../../support/server/free-port.ts';
import { PlainBrowser } from './plain-browser.ts';
import { createSignedInWorld, ORIGIN } from './signed-in-world.ts';

const secret = 'a-secret-of-thirty-two-characters';

/** Answers as oauth2-proxy does: the cookie says who sends a request. */
async function startFakeOauth2Proxy() {
  const server = createServer(({ url = '', headers }, response) => {
    const email = /who=(?<email>[^;]+)/.exec(headers.cookie ?? '')?.groups?.['email'];
    if (!url.startsWith('/oauth2/auth')) response.writeHead(200).end('please sign in');
    else if (email === undefined) response.writeHead(401).end();
    else response.writeHead(202, { 'x-auth-request-email': email, 'x-auth-request-groups': 'All' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test.skipIf(!hasNginx)(
  'the sample of nginx and oauth2-proxy guards the desk, and passes no header of a browser (nginx)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kona-nginx-'));
    try {
      const socket = join(folder, 'desk.sock');
      await writeFile(join(folder, 'secret.conf'), `proxy_set_header X-Kona-Desk-Secret "${secret}";\n`);
      await using _desk = await createSignedInWorld({
        env: { KONA_DESK_PROXY_SECRET: secret },
        listen: `unix:${socket}`,
      });
      await using signIn = await startFakeOauth2Proxy();
      const port = await findFreePort();
      const sample = readFileSync('jobs/nginx/kona-desk.conf', 'utf8');
      const http = sample
        .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
        .replaceAll(/ssl_certificate\S* .*;/g, '')
        .replaceAll('/run/kona-enroll/desk.sock', socket)
        .replaceAll('/etc/nginx/kona-desk-secret.conf', join(folder, 'secret.conf'))
        .replaceAll('127.0.0.1:4180', `127.0.0.1:${signIn.port}`);
      await startNginx({ upstreamPort: signIn.port, http });
      const browser = new PlainBrowser([{ listensAt: `http://127.0.0.1:${port}`, origin: ORIGIN }]);
      const language = { 'accept-language': 'en' };

      const nobody = await browser.ask(`${ORIGIN}/`, { headers: language });
      expect(nobody.text).toBe('please sign in');
      // A person can't name themselves, with the secret or without it.
      for (const forged of [{}, { 'x-kona-desk-secret': secret }]) {
        const headers = { ...language, 'x-auth-request-email': 'kim@corp.example', ...forged };
        expect((await browser.ask(`${ORIGIN}/`, { headers })).text).toBe('please sign in');
      }
      browser.cookiesOf(ORIGIN).set('who', 'ann@corp.example');
      const headers = {
        ...language,
        'x-auth-request-email': 'kim@corp.example',
        'x-auth-request-groups': 'Heads',
      };
      const page = await browser.ask(`${ORIGIN}/`, { headers });
      expect(page.status).toBe(200);
      expect(page.text).toContain('<b>ann@corp.example</b>');
      expect((await browser.ask(`${ORIGIN}/uploads/new`, { headers })).status).toBe(403);
      browser.cookiesOf(ORIGIN).set('who', 'kim@corp.example');
      expect((await browser.ask(`${ORIGIN}/uploads/new`, { headers: language })).status).toBe(200);
      // A form that the page issued comes back through nginx.
      const changed = await browser.submit(`${ORIGIN}/`, '/language', { language: 'en', back: '/' });
      expect([changed.status, changed.headers.location]).toEqual([303, '/']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  600_000,
);
