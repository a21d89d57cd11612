import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import type { PageFrame } from '../pages/desk-page.ts';
import type { DeskAssets } from './desk-assets.ts';
import type { DeskCookies } from '../sign-in/desk-cookies.ts';
import type { DeskOptions } from './desk-options.ts';

/** What the routes are made of. */
export interface DeskParts extends DeskOptions {
  readonly app: FastifyInstance;
  readonly assets: DeskAssets;
  readonly cookies: DeskCookies;
  /** What a page that answers the request is made with. */
  readonly frameOf: (request: FastifyRequest, reply: FastifyReply) => PageFrame;
  /** Before whatever changes something: refuses a form that no page of ours has given. */
  readonly checkToken: preHandlerHookHandler;
}

export async function sendPage(reply: FastifyReply, page: string): Promise<void> {
  await reply.type('text/html; charset=utf-8').send(page);
}
