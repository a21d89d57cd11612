import { createSecretKey, type KeyObject } from 'node:crypto';
import { readProgramVersion } from '../config/program-version.ts';
import type { UserId } from '../domain/identity/user-id.ts';
import { ownerOf, withoutForeignAnswer, type CorrelationEcho } from './answer-owner.ts';
import { openBody, sealBody } from './encryption/body-encryption.ts';
import {
  CallExchange,
  type CallHooks,
  type EndedExchange,
  type SentCall,
} from './transport/call-exchange.ts';
import { createConnectionPool } from './transport/connection-pool.ts';
import { directTransport, type TransportSettings } from './transport/connector.ts';
import type { BodyEncryption } from './encryption/encryption-keys.ts';
import type { ProviderTimeZone } from './provider-clock.ts';
import { checkProviderSettings, parseBaseUrl } from './provider-settings.ts';
import { readBody } from './reply-reader.ts';
import { formatInquiryBody, formatRegistrationBody, type Registration } from './request-body.ts';
import { signRequestHeaders, type RequestHeaders, type RequestSigner } from './request-headers.ts';

export type { CallHooks, SentCall } from './transport/call-exchange.ts';

export interface ProviderClientOptions {
  /** An http or https URL with host and path only, such as `https://sandbox.konaplate.com/open-api`. */
  readonly baseUrl: string;
  readonly aspId: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly timeZone: ProviderTimeZone;
  /** Encryption of registrations; null: they are sent plain, which only a test system accepts. */
  readonly encryption: BodyEncryption | null;
  /** Encryption of plans inquiries; not given: as for registrations. */
  readonly inquiryEncryption?: BodyEncryption | null;
  /**
   * Our RSA private key, which decrypts answers even where calls are sent plain; null: no answer can be decrypted.
   */
  readonly answerKey: KeyObject | null;
  /** Whether an answer must carry the correlation id of its call; not given: it must. */
  readonly correlationEcho?: CorrelationEcho;
  /** Deadline of a call, from the start of sending, including connecting, to the answer's last byte. */
  readonly timeoutMs: number;
  /** Largest number of open connections; should equal the number of calls in flight. */
  readonly connections: number;
  /** Proxy and certificates; not given: none. */
  readonly transport?: TransportSettings;
  readonly now: () => Date;
}

/** A call that is signed and ready, and waits for its permit. Holds secrets and ids: never log it. */
export interface PreparedCall {
  readonly path: string;
  readonly correlationId: string;
  readonly headers: RequestHeaders;
  /** Exactly what is sent, as UTF-8; the signature covers it. */
  readonly body: string;
  /** The reading of the clock from which its three times were written. */
  readonly preparedAt: Date;
}

export interface ProviderClient {
  /**
   * Prepares a registration. `correlationNumber` has 28 bits and must never repeat. Rejects only for broken
   * assumptions (an impossible record or number). Encrypting takes time, so prepare before taking a permit.
   */
  prepareRegistration(record: Registration, correlationNumber: number): Promise<PreparedCall>;
  /** Prepares the question which plans a member has. */
  prepareInquiry(userId: UserId, correlationNumber: number): Promise<PreparedCall>;
  /** Sends the call once and never repeats it. Never rejects because of the network or the provider. */
  send(call: PreparedCall, hooks?: CallHooks): Promise<SentCall>;
  /** Waits for calls in flight, at most until their deadline, then closes all connections. May be called twice. */
  close(): Promise<void>;
}

const REGISTER_PATH = '/api/v1/recharges/auto/payments/register';
const PLANS_PATH = '/api/v1/recharges/auto/payments/plans';

/** Creates the client without opening a connection. Throws for a setting that can't work, see provider-settings. */
export function createProviderClient(options: ProviderClientOptions): ProviderClient {
  checkProviderSettings(options);
  const { origin, basePath } = parseBaseUrl(options.baseUrl);
  const { aspId, accessKey, timeZone, encryption, answerKey, timeoutMs, now } = options;
  const { inquiryEncryption = encryption } = options;
  const signer: RequestSigner = {
    aspId,
    accessKey,
    secretKey: createSecretKey(options.secretKey, 'utf8'),
    timeZone,
    userAgent: `kona-enroll/${readProgramVersion()}`,
  };
  const pool = createConnectionPool(origin, { transport: directTransport, ...options });
  let closing: Promise<void> | null = null;

  async function prepare(
    path: string,
    plainBody: string,
    sealing: BodyEncryption | null,
    correlationNumber: number,
  ): Promise<PreparedCall> {
    const body = sealing === null ? plainBody : sealBody(plainBody, sealing);
    const preparedAt = now();
    const { correlationId, headers } = signRequestHeaders(signer, {
      body,
      cryptoKeyId: sealing?.cryptoKeyId ?? null,
      correlationNumber,
      at: preparedAt,
    });
    return { path: basePath + path, correlationId, headers, body, preparedAt };
  }

  return {
    async prepareRegistration(record, correlationNumber) {
      return await prepare(REGISTER_PATH, formatRegistrationBody(record), encryption, correlationNumber);
    },
    async prepareInquiry(userId, correlationNumber) {
      return await prepare(PLANS_PATH, formatInquiryBody(userId), inquiryEncryption, correlationNumber);
    },
    async send(call, hooks = {}) {
      const { path, headers, body, correlationId } = call;
      const asked = { correlationId, echo: options.correlationEcho ?? 'check' } as const;
      const asksFor = asked.echo === 'check' ? correlationId : null;
      const exchange = new CallExchange(timeoutMs, now, hooks, asksFor);
      pool.dispatch({ method: 'POST', path, headers, body }, exchange);
      return answerOf(await openAnswer(await exchange.settled, answerKey), asked);
    },
    close() {
      closing ??= pool.close();
      return closing;
    },
  };
}

/** Checks whose answer it is. */
function answerOf(opened: OpenedExchange, asked: Parameters<typeof ownerOf>[2]): SentCall {
  const owner = ownerOf(opened.reply, opened.answerIds, asked);
  return {
    reply: withoutForeignAnswer(opened.reply, owner),
    pars: owner.echo === 'other' ? null : opened.pars,
    sentAt: opened.sentAt,
    bytesLeftMonotonic: opened.bytesLeftMonotonic,
    latencyMs: opened.latencyMs,
    serverDate: opened.serverDate,
    waitedOn: opened.waitedOn,
    echo: owner.echo,
    otherCorrelationId: owner.otherCorrelationId,
  };
}

/** The exchange with its answer decrypted; its owner is not checked yet. */
type OpenedExchange = Omit<EndedExchange, 'sealed'>;

/** Decrypts the answer of a call. An answer that can't be decrypted remains an answer without a code and says why. */
async function openAnswer(sent: EndedExchange, answerKey: KeyObject | null): Promise<OpenedExchange> {
  const { reply, sealed } = sent;
  if (sealed === null || reply.kind !== 'answered') return sent;
  const opened = await openBody(sealed, answerKey);
  if (opened.kind === 'unopened') return { ...sent, reply: { ...reply, unread: opened.why } };
  // An answer that is encrypted twice is not decrypted twice.
  const { pars, sealed: _, ...body } = readBody(opened.bytes);
  return { ...sent, pars, reply: { ...reply, ...body } };
}
