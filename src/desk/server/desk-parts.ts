import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import type { PageFrame } from '../pages/desk-page.ts';
import type { RunStories } from '../runs/run-stories.ts';
import type { DeskAssets } from './desk-assets.ts';
import type { DeskCookies } from '../sign-in/desk-cookies.ts';
import type { PeopleTrail } from '../sign-in/people-trail.ts';
import type { DeskOptions } from './desk-options.ts';

export interface DeskParts extends DeskOptions {
  readonly app: FastifyInstance;
  readonly assets: DeskAssets;
  readonly cookies: DeskCookies;
  readonly stories: RunStories;
  /** Returns the frame of the page that answers the request. */
  readonly frameOf: (request: FastifyRequest, reply: FastifyReply) => PageFrame;
  readonly trail: PeopleTrail;
  /**
   * Returns whether the session of a request that was let in is still open. The call does not count as a use of it.
   */
  readonly isStillIn: (request: FastifyRequest) => Promise<boolean>;
  /** Refuses a form that no page of this desk has issued. Every route that changes something runs it first. */
  readonly checkToken: preHandlerHookHandler;
}

export async function sendPage(reply: FastifyReply, page: string): Promise<void> {
  await reply.type('text/html; charset=utf-8').send(page);
}
