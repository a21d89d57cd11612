import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OidcProvider, { type Account, type Context } from 'oidc-provider';

export interface OidcServer extends AsyncDisposable {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** Who signs in next: whoever comes is this person, by this `sub` and these claims. */
  becomes(claims: Readonly<Record<string, unknown>>, sub?: string): void;
  /** Requests by their path, in the order they came. */
  readonly asked: readonly string[];
}

const USUAL_SUB = 'person-1';

/** A real provider of OpenID Connect on loopback, at which people sign in without a page. */
export async function startOidcServer(redirectUri: string): Promise<OidcServer> {
  const client = { id: 'desk', secret: 'a secret of the client' };
  let claims: Readonly<Record<string, unknown>> = {};
  let accountId = USUAL_SUB;
  const asked: string[] = [];
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new OidcProvider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    pkce: { required: () => true },
    cookies: { keys: ['a key of this test'] },
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: () => '/interaction' },
    findAccount: (_context: unknown, id: string): Account => ({
      accountId: id,
      claims: () => ({ sub: id, ...claims }),
    }),
    loadExistingGrant: async ({ oidc }: Context) => {
      const { clientId } = oidc.client;
      const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    asked.push(path);
    if (path === '/interaction') {
      void provider.interactionFinished(request, response, { login: { accountId } });
    } else answer(request, response);
  });
  return {
    issuer,
    client,
    asked,
    becomes: (next, sub = USUAL_SUB) => {
      claims = next;
      accountId = sub;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
