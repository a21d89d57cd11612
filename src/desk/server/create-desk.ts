import type { RequestListener } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { codeOf, messageOf } from '../../domain/error-words.ts';
import { isSessionOpen } from '../../ledger/desk/session-table.ts';
import { isUnavailable } from '../../ledger/ledger-port.ts';
import type { PageFrame } from '../pages/desk-page.ts';
import { drawProblemPage } from '../pages/problem-page.ts';
import { deskTextsIn } from '../texts/desk-texts-in.ts';
import type { DeskProblem } from '../texts/desk-texts.ts';
import { readDeskAssets } from './desk-assets.ts';
import { languageOf } from './desk-language.ts';
import type { DeskOptions } from './desk-options.ts';
import { sendPage, type DeskParts } from './desk-parts.ts';
import { DeskProblemError, statusOf } from './desk-problem-error.ts';
import { createDeskServer } from './desk-server.ts';
import { deskCookies, type DeskCookies } from '../sign-in/desk-cookies.ts';
import { addOidcRoutes, SIGN_IN_PATH } from '../sign-in/oidc-routes.ts';
import { PeopleTrail } from '../sign-in/people-trail.ts';
import { addRouteRoles } from '../sign-in/route-roles.ts';
import { addSessionRoutes } from '../sign-in/session-routes.ts';
import { hashOfToken } from '../sign-in/session-token.ts';
import { findSender } from '../sign-in/sender.ts';
import { addLanguageRoute, ownAddress, placeOf } from './language-route.ts';
import { UploadPlanner } from '../uploads/upload-planner.ts';
import { addApprovalRoutes } from './approval-routes.ts';
import { addActionRoutes } from './action-routes.ts';
import { RunStories } from '../runs/run-stories.ts';
import { addEventRoutes, LOOK_MS, type EventStreams } from './event-routes.ts';
import { SharedReading } from './shared-reading.ts';
import { addFileRoutes } from './file-routes.ts';
import { sweepUploads } from '../uploads/sweep-uploads.ts';
import { addRunRoutes } from '../ledger-routes/run-routes.ts';
import { addBreakRoutes } from '../ledger-routes/break-routes.ts';
import { addSearchRoutes } from '../ledger-routes/search-routes.ts';
import { addUploadRoutes } from './upload-routes.ts';

const SWEEP_MS = 3_600_000;

/** The desk as a request listener; the caller owns the server. */
export interface Desk {
  readonly listener: RequestListener;
  close(): Promise<void>;
}

/** Creates the upload desk, whose pages serve people without a terminal. */
export async function createDesk(options: DeskOptions): Promise<Desk> {
  const { signIn } = options;
  const origin = signIn?.origin ?? null;
  const cookies = deskCookies(origin);
  const app = await createDeskServer(origin, cookies);
  const trail = new PeopleTrail(options);
  addPeople(app, { ...options, trail }, cookies);
  const assets = readDeskAssets();
  const zones = new Map(options.jobs.map(({ name, timeZone }) => [name, timeZone]));
  const zoneOf = (job: string): string => zones.get(job) ?? 'UTC';
  const frameOf = (request: FastifyRequest, reply: FastifyReply): PageFrame => {
    const ofReports = options.jobs[0]?.language ?? 'ko';
    const language = languageOf(
      request.cookies?.[cookies.language],
      request.headers['accept-language'],
      ofReports,
    );
    const token = reply.generateCsrf();
    const address = placeOf(request);
    const texts = deskTextsIn(language);
    const { person } = request;
    return { language, texts, assets, person, signIn: signIn?.way.kind ?? null, token, address, zoneOf };
  };
  const figures = new SharedReading(options.clock, LOOK_MS, options.figuresOf);
  const parts: DeskParts = {
    ...options,
    figuresOf: async (runId) => await figures.read(runId),
    stories: new RunStories(options),
    app,
    assets,
    cookies,
    trail,
    isStillIn: async (request) => await isStillIn(options, request.cookies[cookies.session] ?? ''),
    frameOf,
    checkToken: (request, reply, done) => {
      app.csrfProtection(request, reply, done);
    },
  };
  const planner = new UploadPlanner(options);
  const streams = addRoutes(parts, planner);
  await app.ready();
  const sweeping = keepSweeping(options);
  return {
    listener: (request, response) => {
      app.routing(request, response);
    },
    close: async () => {
      streams.close();
      await planner.close();
      await sweeping.end();
      await app.close();
    },
  };
}

function addRoutes(parts: DeskParts, planner: UploadPlanner): EventStreams {
  const { signIn } = parts;
  addProblemPages(parts);
  addAssets(parts);
  addLanguageRoute(parts);
  if (signIn?.way.kind === 'oidc') {
    addOidcRoutes(parts, { ...signIn, way: signIn.way });
    addSessionRoutes(parts, signIn.way);
  }
  addRunRoutes(parts);
  addBreakRoutes(parts);
  addSearchRoutes(parts);
  addUploadRoutes(parts, planner);
  addActionRoutes(parts, planner);
  if (signIn !== null) addApprovalRoutes(parts, planner);
  addFileRoutes(parts);
  return addEventRoutes(parts);
}

async function isStillIn({ ledger, clock, signIn }: DeskOptions, token: string): Promise<boolean> {
  // A proxy ends its own sessions, and the requests under them.
  if (signIn?.way.kind !== 'oidc') return true;
  return await isSessionOpen(ledger, hashOfToken(token, signIn.way), clock.now());
}

/** Makes every request find out who sends it and whether that person may. */
function addPeople(
  app: FastifyInstance,
  options: DeskOptions & { readonly trail: PeopleTrail },
  cookies: DeskCookies,
): void {
  const { me, signIn, tell, trail } = options;
  addRouteRoles(app, {
    findSender: async ({ raw, cookies: sent, routeOptions }) => {
      // A route that is open to anybody needs no look into the ledger.
      const isOpen = routeOptions.config.role === 'anybody';
      const token = isOpen ? null : (sent[cookies.session] ?? null);
      return await findSender({ ...options, user: me.user }, raw, token);
    },
    signInAddress:
      signIn?.way.kind === 'oidc'
        ? ({ url }) => `${SIGN_IN_PATH}?${new URLSearchParams({ back: ownAddress(url) }).toString()}`
        : null,
    tell,
    trail,
    isByProxy: signIn?.way.kind === 'proxy',
  });
}

/** Sweeps uploads at the start and every hour. A ledger that does not answer is asked again the next time. */
function keepSweeping({ ledger, clock, jobs, tell }: DeskOptions): { end(): Promise<void> } {
  const stop = new AbortController();
  const directories = new Set(jobs.map(({ reportsDirectory }) => reportsDirectory));
  const sweep = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await sweepUploads(ledger, clock, directories).catch((error: unknown) => {
        tell(`uploads that were cut off could not be removed: ${messageOf(error)}`);
      });
      await clock.sleep(SWEEP_MS, stop.signal);
    }
  };
  const ended = sweep();
  return {
    end: async () => {
      stop.abort();
      await ended;
    },
  };
}

/** Answers every failed request with a page of the desk. */
function addProblemPages({ app, frameOf, tell }: DeskParts): void {
  const send = async (request: FastifyRequest, reply: FastifyReply, problem: DeskProblem): Promise<void> => {
    await sendPage(reply.code(statusOf(problem)), drawProblemPage(frameOf(request, reply), problem));
  };
  app.setNotFoundHandler(async (request, reply) => {
    await send(request, reply, 'not_found');
  });
  app.setErrorHandler(async (error, request, reply) => {
    const problem = problemOf(error);
    if (problem === 'fault' || problem === 'no_room') tell(`the desk failed: ${messageOf(error)}`);
    await send(request, reply, problem);
  });
}

const problemByCode: Readonly<Record<string, DeskProblem>> = {
  FST_CSRF_MISSING_SECRET: 'old_page',
  FST_CSRF_INVALID_TOKEN: 'old_page',
  FST_REQ_FILE_TOO_LARGE: 'too_large',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'no_file',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'no_file',
  FST_FILES_LIMIT: 'several_files',
  FST_FIELDS_LIMIT: 'broken_upload',
  FST_PARTS_LIMIT: 'broken_upload',
  FST_PROTO_VIOLATION: 'broken_upload',
  FST_MP_PREMATURE_CLOSE: 'broken_upload',
  ENOSPC: 'no_room',
  EDQUOT: 'no_room',
  EROFS: 'no_room',
  EACCES: 'no_room',
};

function problemOf(error: unknown): DeskProblem {
  if (error instanceof DeskProblemError) return error.problem;
  if (isUnavailable(error)) return 'no_ledger';
  const code = error instanceof Error ? codeOf(error) : null;
  return (typeof code === 'string' ? problemByCode[code] : undefined) ?? 'fault';
}

function addAssets({ app, assets }: DeskParts): void {
  // Browsers ask for this address by themselves; without an icon they complain.
  app.get('/favicon.ico', { config: { role: 'anybody' } }, async (_request, reply) => {
    await reply
      .type(assets.icon.type)
      .header('cache-control', 'public, max-age=86400')
      .send(assets.icon.content);
  });
  for (const { address, type, content } of [assets.style, assets.script]) {
    app.get(address, { config: { role: 'anybody' } }, async (_request, reply) => {
      await reply.type(type).header('cache-control', 'public, max-age=31536000, immutable').send(content);
    });
  }
}
