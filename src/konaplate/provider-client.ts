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
  /** http or https, host and path only, such as `https://sandbox.konaplate.com/open-api`. */
  readonly baseUrl: string;
  readonly aspId: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly timeZone: ProviderTimeZone;
  /** Of registrations; null: they are sent plain, as only a test system takes them. */
  readonly encryption: BodyEncryption | null;
  /** Of plans inquiries; not given: as registrations. */
  readonly inquiryEncryption?: BodyEncryption | null;
  /** Our RSA private key, which opens encrypted answers whatever was asked plain; null: none can be opened. */
  readonly answerKey: KeyObject | null;
  /** Whether an answer has to carry the correlation id of its call; not given: it has to. */
  readonly correlationEcho?: CorrelationEcho;
  /** One deadline a call, from the start of sending to the answer's last byte; connecting included. */
  readonly timeoutMs: number;
  /** Open connections at most; meant to be the number of calls in flight. */
  readonly connections: number;
  /** Proxy and certificates; not given: neither. */
  readonly transport?: TransportSettings;
  readonly now: () => Date;
}

/** A call signed and ready; it waits for its permit in this form. Holds secrets and ids: never log it. */
export interface PreparedCall {
  readonly path: string;
  readonly correlationId: string;
  readonly headers: RequestHeaders;
  /** Exactly what is sent, as UTF-8; the signature is over it. */
  readonly body: string;
  /** The reading of the clock its three times were written from. */
  readonly preparedAt: Date;
}

export interface ProviderClient {
  /**
   * `correlationNumber`: 28 bits, never the same twice. Rejects only for broken assumptions (a record or
   * number that can't be one). Encrypting takes time, so prepare before taking a permit.
   */
  prepareRegistration(record: Registration, correlationNumber: number): Promise<PreparedCall>;
  /** The same for the question which plans a member has. */
  prepareInquiry(userId: UserId, correlationNumber: number): Promise<PreparedCall>;
  /** Sends once, never again by itself. Never rejects for anything the network or the provider does. */
  send(call: PreparedCall, hooks?: CallHooks): Promise<SentCall>;
  /** Waits for calls in flight, at most their deadline, then leaves no connection open. Safe to call twice. */
  close(): Promise<void>;
}

const REGISTER_PATH = '/api/v1/recharges/auto/payments/register';
const PLANS_PATH = '/api/v1/recharges/auto/payments/plans';

/** Opens no connection before the first call. Throws where a setting can't work, see provider-settings. */
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

/** Looks at whose answer it is. */
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

/** Its answer is in plain words, and nobody has asked yet whose it is. */
type OpenedExchange = Omit<EndedExchange, 'sealed'>;

/** The call with its answer in plain words; one we can't open stays an answer without a code, and says why. */
async function openAnswer(sent: EndedExchange, answerKey: KeyObject | null): Promise<OpenedExchange> {
  const { reply, sealed } = sent;
  if (sealed === null || reply.kind !== 'answered') return sent;
  const opened = await openBody(sealed, answerKey);
  if (opened.kind === 'unopened') return { ...sent, reply: { ...reply, unread: opened.why } };
  // What is sealed twice is not opened twice.
  const { pars, sealed: _, ...body } = readBody(opened.bytes);
  return { ...sent, pars, reply: { ...reply, ...body } };
}
