import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import type { PageFrame } from '../pages/desk-page.ts';
import type { DeskAssets } from './desk-assets.ts';
import type { DeskOptions } from './desk-options.ts';
import type { Person } from './person.ts';

/** What the routes are made of. */
export interface DeskParts extends DeskOptions {
  readonly app: FastifyInstance;
  readonly assets: DeskAssets;
  /** Who sends a request. */
  readonly personOf: (request: FastifyRequest) => Person;
  /** What a page that answers the request is made with. */
  readonly frameOf: (request: FastifyRequest, reply: FastifyReply) => PageFrame;
  /** Before whatever changes something: refuses a form that no page of ours has given. */
  readonly checkToken: preHandlerHookHandler;
}

export async function sendPage(reply: FastifyReply, page: string): Promise<void> {
  await reply.type('text/html; charset=utf-8').send(page);
}
