import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DeskSignIn, OidcSignIn } from '../../config/desk/sign-in-configuration.ts';
import { appendAudit, byPerson } from '../../ledger/desk/audit-trail.ts';
import { beginSession, endSession } from '../../ledger/desk/session-table.ts';
import { drawSignedOutPage } from '../pages/signed-out-page.ts';
import { sendPage, type DeskParts } from '../server/desk-parts.ts';
import { DeskProblemError } from '../server/desk-problem-error.ts';
import { ownAddress } from '../server/language-route.ts';
import { rolesOf, tellingGroups } from './identity.ts';
import {
  CALLBACK_PATH,
  OidcClient,
  SignInError,
  type AccountIdentity,
  type SignInUnderWay,
} from './oidc-client.ts';
import { hashOfToken, makeToken } from './session-token.ts';
import { TurnLimit } from './turn-limit.ts';

export const SIGN_IN_PATH = '/sign-in';

/** Limits how long a person may take at the provider. */
const LONGEST_SIGN_IN_S = 600;
/** Each return from the provider costs a request to it. Fifty people may sign in at once and make a mistake. */
const TURNS_A_MINUTE = 120;

const ANYBODY = { config: { role: 'anybody' } } as const;

/** The browser keeps this during the sign-in. A person who changes it breaks only their own sign-in. */
interface Kept extends SignInUnderWay {
  readonly back: string;
}

/** Adds the routes by which people sign in at an OpenID Connect provider, and sign out of the desk. */
export function addOidcRoutes(parts: DeskParts, signIn: DeskSignIn & { readonly way: OidcSignIn }): void {
  const { app, clock, cookies, frameOf, checkToken } = parts;
  const client = new OidcClient(signIn.way, signIn.origin);
  const limit = new TurnLimit(clock, TURNS_A_MINUTE);
  app.get<{ Querystring: { readonly back?: unknown } }>(SIGN_IN_PATH, ANYBODY, async ({ query }, reply) => {
    const { address, underWay } = await toldBy(parts, async () => await client.begin());
    const back = ownAddress(typeof query.back === 'string' ? query.back : '/');
    const kept = Buffer.from(JSON.stringify({ ...underWay, back })).toString('base64url');
    reply.setCookie(cookies.underWay, kept, { ...cookies.options, maxAge: LONGEST_SIGN_IN_S });
    await reply.redirect(address, 303);
  });
  app.get(CALLBACK_PATH, ANYBODY, async (request, reply) => {
    const kept = keptOf(request.cookies[cookies.underWay]);
    reply.clearCookie(cookies.underWay, cookies.options);
    if (kept === null) throw new DeskProblemError('sign_in_failed');
    if (!limit.take()) throw new DeskProblemError('too_many');
    const identity = await toldBy(parts, async () => await client.end(request.url, kept));
    // A person without a role gets no session.
    if (rolesOf(identity, signIn.roles).size === 0) {
      const { email: name, account } = identity;
      request.person = { name, account, roles: new Set() };
      await parts.trail.refusedSignIn(request.person, 'no role');
      throw new DeskProblemError('no_role');
    }
    await enter(parts, signIn, identity, { request, reply });
    await reply.redirect(kept.back, 303);
  });
  app.post('/sign-out', { ...ANYBODY, preHandler: checkToken }, async (request, reply) => {
    await leave(parts, signIn.way, request);
    reply.clearCookie(cookies.session, cookies.options);
    await reply.redirect('/signed-out', 303);
  });
  app.get('/signed-out', ANYBODY, async (request, reply) => {
    await sendPage(reply, drawSignedOutPage(frameOf(request, reply), SIGN_IN_PATH));
  });
}

/** Begins a session under a new token, and ends the session the browser had. */
async function enter(
  { ledger, clock, cookies }: DeskParts,
  { roles, way }: DeskSignIn & { readonly way: OidcSignIn },
  { email: name, account, groups }: AccountIdentity,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<void> {
  const token = makeToken();
  const before = request.cookies[cookies.session];
  const now = clock.now();
  await ledger.transaction(async (transaction) => {
    if (before !== undefined) await endSession(transaction, hashOfToken(before, way));
    const person = { name, account, groups: tellingGroups(groups, roles) };
    await beginSession(transaction, hashOfToken(token, way), person, now);
    await appendAudit(transaction, { at: now, ...byPerson(person), what: 'signed_in' });
  });
  reply.setCookie(cookies.session, token, cookies.options);
}

async function leave(
  { ledger, clock, cookies }: DeskParts,
  way: OidcSignIn,
  request: FastifyRequest,
): Promise<void> {
  const token = request.cookies[cookies.session];
  if (token === undefined) return;
  await ledger.transaction(async (transaction) => {
    const person = await endSession(transaction, hashOfToken(token, way));
    if (person !== null)
      await appendAudit(transaction, { at: clock.now(), ...byPerson(person), what: 'signed_out' });
  });
}

/** Returns null where the browser sent no such cookie, or one that this desk did not write. */
function keptOf(cookie: string | undefined): Kept | null {
  try {
    const found: unknown = JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString());
    const { state, nonce, codeVerifier, back } = (found ?? {}) as Partial<Record<keyof Kept, unknown>>;
    const isWhole = [state, nonce, codeVerifier, back].every((part) => typeof part === 'string');
    return isWhole ? ({ state, nonce, codeVerifier, back: ownAddress(String(back)) } as Kept) : null;
  } catch {
    return null;
  }
}

/** Writes the reason of a failed sign-in to the log; the person only learns that it failed. */
async function toldBy<Result>({ tell, trail }: DeskParts, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    tell(`a sign-in failed: ${error.message}`);
    const { kind, account } = error;
    const why = kind === 'provider' ? 'it did not come to its end' : error.message;
    await trail.refusedSignIn(account === null ? null : { name: 'unknown', account }, why);
    throw new DeskProblemError(error.kind === 'provider' ? 'sign_in_failed' : 'no_email', { cause: error });
  }
}
