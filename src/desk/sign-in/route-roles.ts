import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DeskRole } from '../../config/desk/sign-in-configuration.ts';
import { DeskProblemError } from '../server/desk-problem-error.ts';
import type { Person } from '../server/person.ts';
import type { PeopleTrail } from './people-trail.ts';
import type { Sender } from './sender.ts';

/** The role that a route requires; `anybody` includes people who have not signed in. */
export type RouteRole = DeskRole | 'anybody';

declare module 'fastify' {
  interface FastifyContextConfig {
    role?: RouteRole;
  }
  interface FastifyRequest {
    /** Null where nobody has signed in. */
    person: Person | null;
  }
}

/** The options of a route that requires the role viewer. */
export const VIEWER = { config: { role: 'viewer' } } as const;
/** The options of a route that requires the role uploader. */
export const UPLOADER = { config: { role: 'uploader' } } as const;

/**
 * A page that does not exist requires this role, so that people who have not signed in can't learn which pages exist.
 */
const ROLE_OF_NO_ROUTE = 'viewer';

export interface RoleOptions {
  readonly findSender: (request: FastifyRequest) => Promise<Sender>;
  /** Returns the address at which people sign in; null where they do not sign in at the desk. */
  readonly signInAddress: ((request: FastifyRequest) => string) | null;
  readonly tell: (sentence: string) => void;
  readonly trail: PeopleTrail;
  /** True where a proxy signs people in, so that they come without a sign-in of ours. */
  readonly isByProxy: boolean;
}

/**
 * Lets a person ask for a route only where they have its role; no other place decides that. A route without a role
 * can't be added. Call it before the first route is added.
 */
export function addRouteRoles(app: FastifyInstance, options: RoleOptions): void {
  app.decorateRequest('person', null);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.role === undefined) throw new Error(`the route ${String(method)} ${url} says no role`);
  });
  app.addHook('onRequest', async (request, reply) => {
    const role = request.is404 ? ROLE_OF_NO_ROUTE : request.routeOptions.config.role;
    const sender = await options.findSender(request);
    if (sender.kind === 'unbelieved') {
      options.tell(`a request that named somebody was refused: ${sender.why}`);
      await options.trail.refusedSignIn(null, sender.why);
      throw new DeskProblemError('not_believed');
    }
    if (sender.kind === 'person') request.person = sender.person;
    if (role === 'anybody') return;
    if (sender.kind === 'nobody') return await askToSignIn(request, reply, options);
    const { name, roles } = sender.person;
    if (options.isByProxy && roles.size > 0) await options.trail.came(sender.person);
    if (role !== undefined && roles.has(role)) return;
    const what = `${request.method} ${request.routeOptions.url ?? 'a page that is not there'}`;
    const need = `it needs the role ${role ?? 'of nobody'}`;
    options.tell(`${name} was refused ${what}: ${need}`);
    if (roles.size === 0) await options.trail.refusedSignIn(sender.person, 'no role');
    else await options.trail.refused(sender.person, `${what}: ${need}`);
    throw new DeskProblemError(roles.size === 0 ? 'no_role' : 'not_allowed');
  });
}

async function askToSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  { signInAddress }: RoleOptions,
): Promise<FastifyReply> {
  const isPage = request.method === 'GET' && request.headers.accept !== 'text/event-stream';
  if (signInAddress === null || !isPage) throw new DeskProblemError('not_signed_in');
  return await reply.redirect(signInAddress(request), 303);
}

/** Returns the person who sent a request for a route that requires a role. */
export function personOf({ person }: FastifyRequest): Person {
  if (person === null) throw new Error('a route that anybody may ask for has no person');
  return person;
}
