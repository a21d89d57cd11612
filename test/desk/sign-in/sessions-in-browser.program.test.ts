import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { deskTextsIn } from '../../../src/desk/texts/desk-texts-in.ts';
import { chromiumIsMissing, openBrowser } from '../../report/html/browser-world.ts';
import { startOidcServer } from '../../support/oidc-server.ts';
import { findFreePort } from '../../support/server/free-port.ts';
import { looksWell } from '../looks-well.ts';
import { createSignedInWorld } from './signed-in-world.ts';

/** A browser starts slowly on a busy machine. */
vi.setConfig({ testTimeout: 1_200_000 });

/** Serves one page of somebody else at another port of this machine: to a browser that is the same site. */
async function serveForeignPage(page: string): Promise<{ origin: string; server: Server }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(page);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test.skipIf(chromiumIsMissing)(
  'a person sees and ends their sessions, and a page of elsewhere neither frames nor posts (Chromium)',
  async () => {
    const port = await findFreePort();
    const origin = `http://127.0.0.1:${port}`;
    await using provider = await startOidcServer(`${origin}/sign-in/callback`);
    await using desk = await createSignedInWorld({
      env: {
        KONA_DESK_URL: origin,
        KONA_DESK_OIDC_ISSUER: provider.issuer,
        KONA_DESK_OIDC_CLIENT_ID: provider.client.id,
        KONA_DESK_OIDC_CLIENT_SECRET: provider.client.secret,
      },
      listen: `127.0.0.1:${port}`,
    });
    expect(desk.place.listensAt).toBe(origin);
    provider.becomes({ email: 'kim@corp.example', email_verified: true });
    await using browser = await openBrowser();
    const [ko, en] = [deskTextsIn('ko'), deskTextsIn('en')];
    const other = await browser.visit(`${origin}/`, { locale: 'en-GB' });
    await other.page.getByText(en.uploads.heading).first().waitFor();
    const { page, complaints } = await browser.visit(`${origin}/`, { locale: 'ko-KR' });
    await page.getByRole('link', { name: ko.sessions.heading }).click();
    await page.getByRole('heading', { name: ko.sessions.heading }).waitFor();
    expect(await page.locator('tbody tr').count()).toBe(2);
    await looksWell(page);

    // The foreign page is allowed no frame of the desk, and its form, which carries the cookie, is refused.
    const foreign = await serveForeignPage(
      `<iframe src="${origin}/sessions"></iframe><form method="post" action="${origin}/sessions/end-all"><button>x</button></form>`,
    );
    try {
      const attacked = await page.context().newPage();
      const heard: string[] = [];
      attacked.on('console', (message) => heard.push(message.text()));
      await attacked.goto(foreign.origin);
      await expect.poll(() => heard.join(), { timeout: 60_000 }).toMatch(/frame/i);
      const refused = attacked.waitForResponse(`${origin}/sessions/end-all`);
      await attacked.getByRole('button').click();
      expect((await refused).status()).toBe(403);
      await attacked.getByText(ko.problems.wrong_origin).waitFor();
    } finally {
      foreign.server.closeAllConnections();
      foreign.server.close();
    }

    await page.reload();
    expect(await page.locator('tbody tr').count()).toBe(2);
    await page.getByRole('button', { name: ko.sessions.end, exact: true }).click();
    await expect.poll(async () => await page.locator('tbody tr').count(), { timeout: 60_000 }).toBe(1);
    await page.getByRole('button', { name: ko.sessions.endAll }).click();
    await page.getByRole('heading', { name: ko.signIn.signedOut }).waitFor();
    expect(complaints).toEqual([]);
  },
);
