import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CallRules } from './call-rules.ts';
import type { SandboxCredentials } from './credentials.ts';
import { readTranTime, type TimeZoneName } from './request-times.ts';

/** Header names in lower case, each with every value that was sent. */
export type SentHeaders = Readonly<Record<string, readonly string[] | undefined>>;

export interface HeaderCheck {
  /** Null where none of the right form was sent; otherwise every answer carries it back. */
  readonly correlationId: string | null;
  /** Null where none was sent. The caller checks whether it fits the body. */
  readonly cryptoKeyId: string | null;
  readonly zone: TimeZoneName;
  readonly refusal: Refusal | null;
}

export interface Refusal {
  readonly kind: 'bad_request' | 'unauthorized';
  /** A stable word for people who debug a client; the answer itself says no more than the platform would. */
  readonly reason: string;
}

/** What headers and signature are checked against. */
export interface HeaderTerms {
  readonly now: Date;
  readonly credentials: SandboxCredentials;
  readonly rules: CallRules;
}

/**
 * Checks every header: its form first, then its owner. `body` must be the exact bytes received, which the signature
 * covers. The caller checks whether a correlation id was sent before.
 */
export function checkHeaders(sent: SentHeaders, body: Buffer, terms: HeaderTerms): HeaderCheck {
  const correlationId = onlyValue(sent, 'x-km-correlation-id');
  const isOne = correlationId !== null && terms.rules.correlationId.test(correlationId);
  return {
    correlationId: isOne ? correlationId : null,
    cryptoKeyId: onlyValue(sent, 'x-km-crypto-key-id'),
    zone: onlyValue(sent, 'x-km-time-zone')?.toUpperCase() === 'UTC' ? 'UTC' : 'KST',
    refusal: findBadForm(sent, terms.rules) ?? findStranger(sent, body, terms),
  };
}

function findBadForm(sent: SentHeaders, rules: CallRules): Refusal | null {
  const value = (name: string): string => onlyValue(sent, name) ?? '';
  const correlation = rules.correlationId.exec(value('x-km-correlation-id'));
  const tranTime = rules.tranTime.exec(value('x-km-tran-time'))?.[1] ?? '';
  const token = rules.tranToken.exec(value('x-km-tran-token'));
  const isKeyIdSent = sent['x-km-crypto-key-id'] !== undefined;

  if (!rules.contentType.test(value('content-type'))) return badRequest('content_type');
  if (!rules.accept.test(value('accept'))) return badRequest('accept');
  if (!/^[!-~]{15}$/.test(value('x-km-user-aspid'))) return badRequest('asp_id');
  if (correlation === null) return badRequest('correlation_id');
  if (!/^[!-~]{40}$/.test(value('x-km-access-key'))) return badRequest('access_key');
  if (isKeyIdSent && !/^[!-~]{32}$/.test(value('x-km-crypto-key-id'))) return badRequest('crypto_key_id');
  if (!rules.timeZone.test(value('x-km-time-zone'))) return badRequest('time_zone');
  if (readTranTime(tranTime, 'UTC') === null) return badRequest('tran_time');
  if (token === null) return badRequest('tran_token');
  if (!rules.oneTime) return null;
  if (token[1]?.slice(0, 14) !== tranTime) return badRequest('token_time');
  if (correlation[1] !== tranTime.slice(2)) return badRequest('correlation_time');
  return null;
}

/** Finds headers that belong to somebody else; for headers of the right form only. */
function findStranger(sent: SentHeaders, body: Buffer, terms: HeaderTerms): Refusal | null {
  const { credentials, rules, now } = terms;
  const value = (name: string): string => onlyValue(sent, name) ?? '';
  const zone = value('x-km-time-zone').toUpperCase() === 'UTC' ? 'UTC' : 'KST';
  const instant = readTranTime(rules.tranTime.exec(value('x-km-tran-time'))?.[1] ?? '', zone);
  const signature = rules.tranToken.exec(value('x-km-tran-token'))?.[2] ?? '';

  if (value('x-km-user-aspid') !== credentials.aspId) return unauthorized('unknown_asp_id');
  if (value('x-km-access-key') !== credentials.accessKey) return unauthorized('unknown_access_key');
  if (!isSignatureOf(signature, body, credentials.secretKey)) return unauthorized('signature');
  if (instant === null || Math.abs(now.getTime() - instant) > rules.allowedSkewMs) {
    return unauthorized('stale_time');
  }
  return null;
}

/** Returns the only value of a header; a header sent twice is as wrong as a missing one. */
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
