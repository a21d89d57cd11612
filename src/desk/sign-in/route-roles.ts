import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DeskRole } from '../../config/desk/sign-in-configuration.ts';
import { DeskProblemError } from '../server/desk-problem-error.ts';
import type { Person } from '../server/person.ts';
import type { Sender } from './sender.ts';

/** Who may ask for a route; `anybody`: also who has not signed in. */
export type RouteRole = DeskRole | 'anybody';

declare module 'fastify' {
  interface FastifyContextConfig {
    role?: RouteRole;
  }
  interface FastifyRequest {
    /** Null: nobody has signed in. */
    person: Person | null;
  }
}

/** For a page that whoever may look may have. */
export const VIEWER = { config: { role: 'viewer' } } as const;
/** For what somebody may do who may upload. */
export const UPLOADER = { config: { role: 'uploader' } } as const;

/** What a page that is not there needs: nobody learns which pages there are. */
const ROLE_OF_NO_ROUTE = 'viewer';

export interface RoleOptions {
  readonly findSender: (request: FastifyRequest) => Promise<Sender>;
  /** Where people sign in; null: not here. */
  readonly signInAddress: ((request: FastifyRequest) => string) | null;
  readonly tell: (sentence: string) => void;
}

/**
 * Lets only those ask for a route who have its role: the one place where that is decided. A route that names none can't be
 * added. To be called before the first route.
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
      throw new DeskProblemError('not_believed');
    }
    if (sender.kind === 'person') request.person = sender.person;
    if (role === 'anybody') return;
    if (sender.kind === 'nobody') return await askToSignIn(request, reply, options);
    const { name, roles } = sender.person;
    if (role !== undefined && roles.has(role)) return;
    const what = `${request.method} ${request.routeOptions.url ?? 'a page that is not there'}`;
    options.tell(`${name} was refused ${what}: it needs the role ${role ?? 'of nobody'}`);
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

/** Who sends a request for a route that only people may ask for. */
export function personOf({ person }: FastifyRequest): Person {
  if (person === null) throw new Error('a route that anybody may ask for has no person');
  return person;
}
