import cookie from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { LARGEST_UPLOAD_BYTES } from '../uploads/upload-limits.ts';
import type { DeskCookies } from '../sign-in/desk-cookies.ts';
import { isForDesk, isFromOurPages } from './allowed-request.ts';
import { DeskProblemError } from './desk-problem-error.ts';

/** Of a form without a file: a reason is its longest field. */
const LARGEST_FORM_BYTES = 16 * 1024;
const MOST_FIELDS = 10;

declare module 'fastify' {
  interface FastifyRequest {
    /** The token of a form that is read field by field; a form that is read whole has it in its body. */
    formToken: string | null;
  }
}

/**
 * A server without pages: what holds for every request. It listens nowhere by itself. `origin`: under which browsers reach
 * it; null: on this machine alone.
 */
export async function createDeskServer(
  origin: string | null,
  cookies: DeskCookies,
): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: LARGEST_FORM_BYTES, trustProxy: false });
  // Before whatever refuses a request, so that a refusal has these headers too.
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // The sandboxed report is another agent cluster, of which browsers then complain; we share no memory with anybody.
    originAgentCluster: false,
    // On loopback it answers without TLS.
    strictTransportSecurity: cookies.options.secure === true,
  });
  app.addHook('onRequest', async ({ headers, method }) => {
    if (!isForDesk(headers, origin)) throw new DeskProblemError('wrong_host');
    const isHarmless = method === 'GET' || method === 'HEAD';
    if (!isHarmless && !isFromOurPages(headers, origin)) throw new DeskProblemError('wrong_origin');
    return await Promise.resolve();
  });
  app.addHook('onSend', async (_request, reply) => {
    // What a page shows is personal, also where nothing of it is whole.
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    return await Promise.resolve();
  });
  // Forms alone are taken.
  app.removeAllContentTypeParsers();
  await app.register(cookie);
  app.decorateRequest('formToken', null);
  await app.register(csrf, {
    cookieKey: cookies.formSecret,
    cookieOpts: { ...cookies.options, sameSite: 'strict' },
    getToken: tokenOf,
  });
  await app.register(formbody);
  await app.register(multipart, {
    limits: { fileSize: LARGEST_UPLOAD_BYTES, files: 1, fields: MOST_FIELDS, fieldSize: LARGEST_FORM_BYTES },
  });
  return app;
}

function tokenOf({ formToken, body }: FastifyRequest): string {
  if (formToken !== null) return formToken;
  return fieldOf(body, 'token') ?? '';
}

/** A field of a form that was read whole; null: it has none of that name, or several. */
export function fieldOf(body: unknown, name: string): string | null {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return null;
  const value: unknown = Reflect.get(body, name);
  return typeof value === 'string' ? value : null;
}
