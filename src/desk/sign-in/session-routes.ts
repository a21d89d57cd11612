import type { FastifyRequest } from 'fastify';
import type { OidcSignIn } from '../../config/desk/sign-in-configuration.ts';
import { endSessionsOf, readSessions } from '../../ledger/desk/session-table.ts';
import { SESSIONS_PATH } from '../pages/desk-page.ts';
import { drawSessionsPage } from '../pages/sessions-page.ts';
import { sendPage, type DeskParts } from '../server/desk-parts.ts';
import { DeskProblemError } from '../server/desk-problem-error.ts';
import { fieldOf } from '../server/desk-server.ts';
import { personOf, VIEWER } from './route-roles.ts';
import { hashOfToken } from './session-token.ts';
import type { Person } from '../server/person.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Adds the page on which people see where they are signed in, and end their sessions there. */
export function addSessionRoutes(parts: DeskParts, way: OidcSignIn): void {
  const { app, ledger, clock, cookies, frameOf, checkToken } = parts;
  const options = { ...VIEWER, preHandler: checkToken };
  app.get(SESSIONS_PATH, VIEWER, async (request, reply) => {
    const tokenHash = hashOfToken(request.cookies[cookies.session] ?? '', way);
    const sessions = await readSessions(ledger, accountOf(request).account, { tokenHash, now: clock.now() });
    await sendPage(reply, drawSessionsPage(frameOf(request, reply), sessions, parts.jobs[0]?.timeZone));
  });
  app.post(`${SESSIONS_PATH}/end`, options, async (request, reply) => {
    const sessionId = fieldOf(request.body, 'session') ?? '';
    if (!UUID.test(sessionId)) throw new DeskProblemError('too_late');
    const ended = await endSessionsOf(ledger, accountOf(request), { sessionId, at: clock.now() });
    if (ended === 0) throw new DeskProblemError('too_late');
    await reply.redirect(SESSIONS_PATH, 303);
  });
  app.post(`${SESSIONS_PATH}/end-all`, options, async (request, reply) => {
    await endSessionsOf(ledger, accountOf(request), { sessionId: null, at: clock.now() });
    reply.clearCookie(cookies.session, cookies.options);
    await reply.redirect('/signed-out', 303);
  });
}

function accountOf(request: FastifyRequest): Person & { readonly account: string } {
  const person = personOf(request);
  if (person.account === null) throw new Error('a session of OpenID Connect has an account');
  return { ...person, account: person.account };
}
