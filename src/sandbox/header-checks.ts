import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SandboxCredentials } from './credentials.ts';
import { isTimeZoneName, readTranTime } from './request-times.ts';

/** Header names in lower case, each with every value it was sent with. */
export type SentHeaders = Readonly<Record<string, readonly string[] | undefined>>;

export interface HeaderCheck {
  /** Null where none of the right form was sent; otherwise every answer carries it back. */
  readonly correlationId: string | null;
  /** Null where none was sent. Whether it fits the body is for the caller to know. */
  readonly cryptoKeyId: string | null;
  readonly refusal: Refusal | null;
}

export interface Refusal {
  readonly kind: 'bad_request' | 'unauthorized';
  /** A stable word for whoever debugs a client; the answer itself says no more than the platform would. */
  readonly reason: string;
}

const ALLOWED_SKEW_MS = 5 * 60 * 1000;
const CORRELATION_ID = /^(\d{12})-[0-9A-Fa-f]{7}$/;
/** Standard base64, padded, of 32 bytes is 43 characters and one `=`: 67 in all (see `tranTokenLength`). */
const TRAN_TOKEN = /^KMV1:(\d{17}):([A-Za-z0-9+/]{43}=)$/;

/**
 * Holds every header to the documents: form first, then whose they are. `body` is the exact bytes received,
 * as the signature is over those. Whether a correlation id was sent before is for the caller to know.
 */
export function checkHeaders(
  sent: SentHeaders,
  body: Buffer,
  now: Date,
  credentials: SandboxCredentials,
): HeaderCheck {
  const correlationId = onlyValue(sent, 'x-km-correlation-id');
  return {
    correlationId: correlationId !== null && CORRELATION_ID.test(correlationId) ? correlationId : null,
    cryptoKeyId: onlyValue(sent, 'x-km-crypto-key-id'),
    refusal: findRefusal(sent, body, now, credentials),
  };
}

function findRefusal(
  sent: SentHeaders,
  body: Buffer,
  now: Date,
  credentials: SandboxCredentials,
): Refusal | null {
  const value = (name: string): string => onlyValue(sent, name) ?? '';
  const aspId = value('x-km-user-aspid');
  const accessKey = value('x-km-access-key');
  const correlation = CORRELATION_ID.exec(value('x-km-correlation-id'));
  const tranTime = value('x-km-tran-time');
  const zone = value('x-km-time-zone');
  const token = TRAN_TOKEN.exec(value('x-km-tran-token'));

  if (!/^application\/json(; ?charset=utf-8)?$/i.test(value('content-type')))
    return badRequest('content_type');
  if (value('accept').toLowerCase() !== 'application/json') return badRequest('accept');
  if (!/^[!-~]{15}$/.test(aspId)) return badRequest('asp_id');
  if (correlation === null) return badRequest('correlation_id');
  if (!/^[!-~]{40}$/.test(accessKey)) return badRequest('access_key');
  const isKeyIdSent = sent['x-km-crypto-key-id'] !== undefined;
  if (isKeyIdSent && !/^[!-~]{32}$/.test(value('x-km-crypto-key-id'))) return badRequest('crypto_key_id');
  if (!isTimeZoneName(zone)) return badRequest('time_zone');
  const instant = readTranTime(tranTime, zone);
  if (instant === null) return badRequest('tran_time');
  if (token === null) return badRequest('tran_token');
  const [, tokenTime = '', signature = ''] = token;
  if (tokenTime.slice(0, 14) !== tranTime) return badRequest('token_time');
  if (correlation[1] !== tranTime.slice(2)) return badRequest('correlation_time');

  if (aspId !== credentials.aspId) return unauthorized('unknown_asp_id');
  if (accessKey !== credentials.accessKey) return unauthorized('unknown_access_key');
  if (!isSignatureOf(signature, body, credentials.secretKey)) return unauthorized('signature');
  if (Math.abs(now.getTime() - instant) > ALLOWED_SKEW_MS) return unauthorized('stale_time');
  return null;
}

/** A header sent twice is as wrong as one not sent. */
function onlyValue(sent: SentHeaders, name: string): string | null {
  const values = sent[name] ?? [];
  return values.length === 1 ? (values[0] ?? null) : null;
}

function isSignatureOf(signature: string, body: Buffer, secretKey: string): boolean {
  const expected = createHmac('sha256', Buffer.from(secretKey, 'utf8')).update(body).digest('base64');
  return timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
}

function badRequest(reason: string): Refusal {
  return { kind: 'bad_request', reason };
}

function unauthorized(reason: string): Refusal {
  return { kind: 'unauthorized', reason };
}
