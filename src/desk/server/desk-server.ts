import cookie from '@fastify/cookie';
import csrf from '@fastify/csrf-protection';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import multipart from '@fastify/multipart';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { LONGEST_NOTE, tidyNote } from '../../domain/untrusted-text.ts';
import { LARGEST_UPLOAD_BYTES } from '../uploads/upload-limits.ts';
import type { DeskCookies } from '../sign-in/desk-cookies.ts';
import { isForDesk, isFromOurPages } from './allowed-request.ts';
import { DeskProblemError } from './desk-problem-error.ts';

/** Limits a form without a file, whose longest field is a reason. */
const LARGEST_FORM_BYTES = 16 * 1024;
const MOST_FIELDS = 10;

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Holds the token of a form that is read field by field; a form that is read whole carries its token in its body.
     */
    formToken: string | null;
  }
}

/**
 * Returns a server without pages that applies the rules every request has to pass. It does not listen by itself.
 * `origin` is the origin under which browsers reach the desk; null where the desk serves this machine alone.
 */
export async function createDeskServer(
  origin: string | null,
  cookies: DeskCookies,
): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: LARGEST_FORM_BYTES, trustProxy: false, rewriteUrl: readableUrl });
  // A refusal is a page too, whose form needs the cookie.
  await app.register(cookie);
  // Helmet comes before every hook that can refuse a request, so that a refusal has these headers too.
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
    // Browsers complain that the sandboxed report is in another agent cluster. We share no memory with another page, so
    // we turn the header off.
    originAgentCluster: false,
    // The desk answers without TLS on loopback.
    strictTransportSecurity: cookies.options.secure === true,
  });
  app.addHook('onRequest', async ({ headers, method, raw }) => {
    // Whoever passes a request on may have read the other one.
    const hasOneHost = raw.headersDistinct['host']?.length === 1;
    if (!hasOneHost || !isForDesk(headers, origin)) throw new DeskProblemError('wrong_host');
    const isHarmless = method === 'GET' || method === 'HEAD';
    if (!isHarmless && !isFromOurPages(headers, origin)) throw new DeskProblemError('wrong_origin');
    return await Promise.resolve();
  });
  app.addHook('onSend', async (_request, reply) => {
    // A page shows personal data even where its ids are masked.
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    return await Promise.resolve();
  });
  // The desk accepts forms only.
  app.removeAllContentTypeParsers();
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

/**
 * Returns the address of a request, or one that does not exist where it can't be decoded: fastify would answer that one
 * by itself, without our headers and before anybody is asked who they are.
 */
function readableUrl({ url = '' }: { readonly url?: string | undefined }): string {
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '');
    return url;
  } catch {
    return '/none';
  }
}

function tokenOf({ formToken, body }: FastifyRequest): string {
  if (formToken !== null) return formToken;
  return fieldOf(body, 'token') ?? '';
}

const SHORTEST_REASON = 3;

/** Returns the reason that a person typed into a form. Throws DeskProblemError where there is none. */
export function reasonOf(body: unknown): string {
  const reason = tidyNote(fieldOf(body, 'reason') ?? '').slice(0, LONGEST_NOTE);
  if (reason.length < SHORTEST_REASON) throw new DeskProblemError('no_reason');
  return reason;
}

/** Returns a field of a form that was read whole; null where the form has no field of that name, or several. */
export function fieldOf(body: unknown, name: string): string | null {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return null;
  const value: unknown = Reflect.get(body, name);
  return typeof value === 'string' ? value : null;
}
