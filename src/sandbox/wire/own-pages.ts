import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseFixtures } from '../provider/fixtures.ts';
import { readBody } from './request-body.ts';
import type { World } from './serve-call.ts';
import { isSandboxError } from '../sandbox-error.ts';

/** Enough for some 200,000 cards. */
const MAX_FIXTURES_BYTES = 16 * 1024 * 1024;

export interface SandboxStats {
  /** Number of register calls that arrived, whatever happened to them. */
  readonly calls: number;
  /** Number of plans calls that arrived. */
  readonly inquiries: number;
  readonly registered: number;
  /** The most arrivals in any 1-second window, of both kinds. */
  readonly fullestWindow: number;
  /** Arrivals above `faults.rateLimit`, of both kinds. */
  readonly violations: number;
  /** Register calls by their answer; they add up to `calls`. */
  readonly byAnswer: Readonly<Record<string, number>>;
  readonly inquiriesByAnswer: Readonly<Record<string, number>>;
}

/**
 * Serves the simulator's own pages, which the provider does not have. Resolves to whether the request was for one of
 * them.
 */
export async function serveOwnPage(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  switch (`${request.method ?? ''} ${request.url ?? ''}`) {
    case 'GET /_sandbox/truth':
      sendJson(response, { registered: world.registry.entries() });
      return true;
    case 'GET /_sandbox/calls':
      sendJson(response, world.log.entries());
      return true;
    case 'GET /_sandbox/stats':
      sendJson(response, readStats(world));
      return true;
    case 'PUT /_sandbox/fixtures':
      await takeFixtures(world, request, response);
      return true;
    default:
      return false;
  }
}

async function takeFixtures(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, MAX_FIXTURES_BYTES);
  if (body.kind === 'broken_off') return;
  if (body.kind === 'too_long') {
    response.setHeader('Connection', 'close');
    sendText(response, 413, `sandbox fixtures: more than ${MAX_FIXTURES_BYTES} bytes`);
    return;
  }
  try {
    const fixtures = parseFixtures(body.bytes.toString('utf8'));
    world.registry.replaceFixtures(fixtures);
    const { registered, members, cards } = fixtures;
    sendJson(response, { registered: registered.length, members: members.length, cards: cards.length });
  } catch (error) {
    if (!isSandboxError(error)) throw error;
    sendText(response, 400, error.message);
  }
}

export function readStats({ log, registry }: Pick<World, 'log' | 'registry'>): SandboxStats {
  return { ...log.summarize(), registered: registry.size, violations: log.violations };
}

function sendJson(response: ServerResponse, content: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(content));
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
