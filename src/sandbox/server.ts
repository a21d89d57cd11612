import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { answerOf, notFound, writeAnswer, writeSealedAnswer, type WireAnswer } from './answers.ts';
import { CallLog, type CallLogEntry } from './call-log.ts';
import { checkCredentials, sandboxCredentials, type SandboxCredentials } from './credentials.ts';
import { sealEnvelope } from './envelope.ts';
import type { Fault } from './fault.ts';
import { createFaultDice, type FaultPlan, type PlannedCall } from './fault-plan.ts';
import { emptyFixtures, type Fixtures } from './fixtures.ts';
import { judgeCall, type ProviderState, type Verdict } from './judge-call.ts';
import type { SandboxEncryptionKeys, SandboxKeyPairs } from './key-pairs.ts';
import { createKeyRing } from './key-ring.ts';
import { isLoopback, listen } from './listen.ts';
import { Registry, type TruthEntry } from './registry.ts';
import { readBody } from './request-body.ts';
import { createSandboxError } from './sandbox-error.ts';
import { sendAnswer } from './send-answer.ts';
import { openStateFile } from './state-file.ts';

export interface SandboxOptions {
  /** Default 127.0.0.1; anything but loopback is refused without `allowAnyHost`. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  readonly allowAnyHost?: boolean;
  /** Default `sandboxCredentials`. */
  readonly credentials?: SandboxCredentials;
  /** Append-only file that makes state outlive the process; null or none: memory only. One sandbox a file. */
  readonly statePath?: string | null;
  /** Default: made at the first need, and kept in the state file. */
  readonly encryptionKeys?: SandboxKeyPairs;
  /** Refuses plain calls; by default they are taken, as the page calls the key id optional. */
  readonly requireEncryption?: boolean;
  /** Answers encrypted calls in plain; by default their answers are encrypted for the client's key. */
  readonly plainAnswers?: boolean;
  readonly fixtures?: Fixtures;
  readonly faults?: FaultPlan;
  /** The wall clock that a request's times are held against. */
  readonly now?: () => Date;
}

export interface SandboxStats {
  /** Register calls that arrived, whatever became of them. */
  readonly calls: number;
  readonly registered: number;
  /** The most arrivals in any 1-second window. */
  readonly fullestWindow: number;
  /** Arrivals above `faults.rateLimit`. */
  readonly violations: number;
  readonly byAnswer: Readonly<Record<string, number>>;
}

export interface Sandbox {
  readonly baseUrl: string;
  readonly credentials: SandboxCredentials;
  /** What a client needs to encrypt; made now if need be, the same ever after. */
  encryptionKeys(): Promise<SandboxEncryptionKeys>;
  /** Ends every connection, also one that waits for an answer. May be called twice. */
  close(): Promise<void>;
  truth(): TruthEntry[];
  /** In order of arrival. */
  calls(): CallLogEntry[];
  stats(): SandboxStats;
}

interface World extends ProviderState {
  readonly plainAnswers: boolean;
  readonly log: CallLog;
  readonly dice: () => PlannedCall;
  readonly closing: AbortSignal;
}

const REGISTER_PATH = '/api/v1/recharges/auto/payments/register';
/** Longer than any client keeps an idle connection: the one who ends it first never loses a request. */
const KEEP_ALIVE_MS = 65_000;
const stateLost: Fault = { kind: 'server_error', status: 500, when: 'before' };

/** Starts the provider simulator: its answers are those of the documents, its faults those of the options. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host) && options.allowAnyHost !== true) {
    throw createSandboxError('SANDBOX_HOST_REFUSED', `sandbox listens on loopback only, not on ${host}`);
  }
  const credentials = checkCredentials(options.credentials ?? sandboxCredentials);
  const state = openStateFile(options.statePath ?? null);
  const keys = createKeyRing(options.encryptionKeys, state);
  const closing = new AbortController();
  const world: World = {
    credentials,
    registry: new Registry(options.fixtures ?? emptyFixtures, state),
    keys,
    requireEncryption: options.requireEncryption ?? false,
    plainAnswers: options.plainAnswers ?? false,
    correlationIds: new Set(),
    now: options.now ?? (() => new Date()),
    log: new CallLog(options.faults?.rateLimit?.perSecond ?? null),
    dice: createFaultDice(options.faults),
    closing: closing.signal,
  };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const arrivedAt = performance.timeOrigin + performance.now();
    serve(world, request, response, arrivedAt).catch(() => {
      // Only a state that can't be kept gets here. What is not kept did not happen, so nothing is confirmed.
      if (response.headersSent) response.destroy();
      else sendAnswer(response, writeAnswer(answerOf('000_000')), stateLost);
    });
  });
  const baseUrl = await listen(server, host, options.port ?? 0).catch((error: unknown) => {
    state.close();
    throw error;
  });
  return {
    baseUrl,
    credentials,
    encryptionKeys: async () => await keys.clientSide(),
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeAllConnections();
      await closed;
      state.close();
    },
    truth: () => world.registry.entries(),
    calls: () => world.log.entries(),
    stats: () => readStats(world),
  };
}

function readStats(world: World): SandboxStats {
  return { ...world.log.summarize(), registered: world.registry.size, violations: world.log.violations };
}

async function serve(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  arrivedAt: number,
): Promise<void> {
  switch (`${request.method ?? ''} ${request.url ?? ''}`) {
    case `POST ${REGISTER_PATH}`:
      await serveRegister(world, request, response, arrivedAt);
      return;
    case 'GET /_sandbox/truth':
      sendJson(response, { registered: world.registry.entries() });
      return;
    case 'GET /_sandbox/calls':
      sendJson(response, world.log.entries());
      return;
    case 'GET /_sandbox/stats':
      sendJson(response, readStats(world));
      return;
    default:
      request.resume();
      sendAnswer(response, writeAnswer(notFound), null);
  }
}

function sendJson(response: ServerResponse, content: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(content));
}

async function serveRegister(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  arrivedAt: number,
): Promise<void> {
  const { call, isTooMany } = world.log.arrive(arrivedAt);
  const planned = world.dice();
  const body = await readBody(request);
  if (world.closing.aborted) return;
  if (body.kind === 'broken_off') {
    world.log.note(call, { answer: 'broken off' });
    return;
  }
  if (body.kind === 'too_long') {
    world.log.note(call, { answer: '000_002', reason: 'body_length' });
    response.setHeader('Connection', 'close');
    sendAnswer(response, writeAnswer(answerOf('000_002')), null);
    return;
  }
  const headers = request.headersDistinct;
  const verdict = await judgeCall(world, { headers, body: body.bytes, isTooMany, planned });
  world.log.note(call, verdict.findings);
  await letOut(world, response, verdict);
}

async function letOut(world: World, response: ServerResponse, verdict: Verdict): Promise<void> {
  const { correlationId, reason } = verdict.findings;
  if (verdict.delayMs > 0) {
    try {
      await wait(verdict.delayMs, undefined, { signal: world.closing });
    } catch {
      return;
    }
  }
  if (typeof correlationId === 'string') response.setHeader('X-KM-Correlation-Id', correlationId);
  if (typeof reason === 'string') response.setHeader('X-Sandbox-Reason', reason);
  sendAnswer(response, await writeVerdict(world, verdict), verdict.fault);
}

async function writeVerdict(world: World, verdict: Verdict): Promise<WireAnswer> {
  const plain = writeAnswer(verdict.answer);
  const keys = verdict.wasSealed && !world.plainAnswers ? await world.keys.serverSide() : null;
  if (keys === null) return plain;
  return writeSealedAnswer(plain, await sealEnvelope(plain.body, keys.clientPublicKey), keys.cryptoKeyId);
}
