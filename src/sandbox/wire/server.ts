import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { notFound } from '../provider/answers.ts';
import { callAt } from '../provider/call-kind.ts';
import { CallLog, type CallLogEntry } from './call-log.ts';
import { lenientRules, strictRules } from '../provider/call-rules.ts';
import { checkCredentials, sandboxCredentials, type SandboxCredentials } from '../provider/credentials.ts';
import { createFaultDice } from '../faults/fault-dice.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import { emptyFixtures, type Fixtures } from '../provider/fixtures.ts';
import type { SandboxEncryptionKeys, SandboxKeyPairs } from '../provider/key-pairs.ts';
import { createKeyRing } from '../provider/key-ring.ts';
import { isLoopback, listen } from './listen.ts';
import { findOutage } from '../faults/outage.ts';
import { serveOwnPage, readStats, type SandboxStats } from './own-pages.ts';
import { Registry, type TruthEntry } from '../provider/registry.ts';
import { createSandboxError } from '../sandbox-error.ts';
import { sendAnswer } from './send-answer.ts';
import { serveCall, type World } from './serve-call.ts';
import { openStateFile, type StateFile } from '../state-file.ts';
import { writePage, writePlainAnswer } from './wire-answer.ts';

export interface SandboxOptions {
  /** Default 127.0.0.1; anything but loopback is refused without `allowAnyHost`. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  readonly allowAnyHost?: boolean;
  /** Default `sandboxCredentials`. */
  readonly credentials?: SandboxCredentials;
  /**
   * Append-only file that makes the state outlive the process; null or left out: memory only. Only one simulator may
   * use a file.
   */
  readonly statePath?: string | null;
  /** Default: made when first needed, and kept in the state file. */
  readonly encryptionKeys?: SandboxKeyPairs;
  /** Refuses plain calls. By default they are accepted, because the page calls the key id optional. */
  readonly requireEncryption?: boolean;
  /** Answers encrypted calls in plain. By default their answers are encrypted for the client's key. */
  readonly plainAnswers?: boolean;
  /** Encrypts every answer, even to a plain call. */
  readonly encryptAnswers?: boolean;
  /** Accepts only plain plans calls, whatever `requireEncryption` says about register calls. */
  readonly plainPlans?: boolean;
  /** Names the header or field that is wrong in the message of 000_002, as some sister pages do. */
  readonly namesFields?: boolean;
  /** Accepts what a tolerant platform might (`lenientRules`), but never a call with a wrong signature. */
  readonly lenient?: boolean;
  readonly fixtures?: Fixtures;
  readonly faults?: FaultPlan;
  /** The wall clock with which a request's times are compared. */
  readonly now?: () => Date;
}

export interface Sandbox {
  readonly baseUrl: string;
  readonly credentials: SandboxCredentials;
  /** Returns what a client needs to encrypt; makes it if necessary and keeps it from then on. */
  encryptionKeys(): Promise<SandboxEncryptionKeys>;
  /** Replaces the fixtures from now on; what happened so far stays. */
  replaceFixtures(fixtures: Fixtures): void;
  /** Ends every connection, including one that waits for an answer. May be called twice. */
  close(): Promise<void>;
  truth(): TruthEntry[];
  /** All calls in order of arrival. */
  calls(): CallLogEntry[];
  stats(): SandboxStats;
}

/** Longer than any client keeps an idle connection: the side that ends it first never loses a request. */
const KEEP_ALIVE_MS = 65_000;

/** Starts the provider simulator. Its answers follow the documents, its faults follow the options. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host) && options.allowAnyHost !== true) {
    throw createSandboxError('SANDBOX_HOST_REFUSED', `sandbox listens on loopback only, not on ${host}`);
  }
  const credentials = checkCredentials(options.credentials ?? sandboxCredentials);
  const state = openStateFile(options.statePath ?? null);
  const closing = new AbortController();
  const world = createWorld(options, credentials, state, closing.signal);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    serve(world, request, response).catch(() => {
      // Only a state that can't be kept leads here. What is not kept did not happen, so nothing is confirmed.
      if (response.headersSent) response.destroy();
      else sendAnswer(response, writePage(500), null);
    });
  });
  const baseUrl = await listen(server, host, options.port ?? 0).catch((error: unknown) => {
    state.close();
    throw error;
  });
  return {
    baseUrl,
    credentials,
    encryptionKeys: async () => await world.keys.clientSide(),
    replaceFixtures: (fixtures) => {
      world.registry.replaceFixtures(fixtures);
    },
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

function createWorld(
  options: SandboxOptions,
  credentials: SandboxCredentials,
  state: StateFile,
  closing: AbortSignal,
): World {
  const { faults, now = () => new Date() } = options;
  return {
    credentials,
    registry: new Registry(options.fixtures ?? emptyFixtures, state),
    keys: createKeyRing(options.encryptionKeys, state),
    rules: options.lenient === true ? lenientRules : strictRules,
    requireEncryption: options.requireEncryption ?? false,
    plainAnswers: options.plainAnswers ?? false,
    encryptAnswers: options.encryptAnswers ?? false,
    plainPlans: options.plainPlans ?? false,
    namesFields: options.namesFields ?? false,
    correlationIdHabit: faults?.correlationIds ?? 'echoed',
    lastAnswer: { given: null },
    correlationIds: new Set(),
    now,
    log: new CallLog(faults?.rateLimit?.perSecond ?? null),
    dice: { register: createFaultDice(faults), plans: createFaultDice(faults, 'plans ') },
    findOutage: (callNo) => findOutage(faults, callNo, now()),
    closing,
  };
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Node would send its own time, although the provider's clock may differ.
  response.setHeader('Date', world.now().toUTCString());
  const kind = callAt(request.method ?? '', request.url ?? '');
  if (kind !== null) {
    await serveCall(world, kind, request, response);
    return;
  }
  if (await serveOwnPage(world, request, response)) return;
  request.resume();
  sendAnswer(response, writePlainAnswer(notFound), null);
}
