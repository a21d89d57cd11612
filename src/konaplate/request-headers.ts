import type { KeyObject } from 'node:crypto';
import { formatCorrelationId } from './correlation-id.ts';
import { formatProviderTimes, type ProviderTimeZone } from './provider-clock.ts';
import { signTranToken } from './tran-token.ts';

/** Header names as the provider's page writes them. Holds the access key: never log it. */
export type RequestHeaders = Readonly<Record<string, string>>;

export interface RequestSigner {
  readonly aspId: string;
  readonly accessKey: string;
  readonly secretKey: KeyObject;
  readonly timeZone: ProviderTimeZone;
  /** Standard firewall rules refuse calls that do not say which program made them. */
  readonly userAgent: string;
}

export interface RequestToSign {
  /** Exactly what will be sent. */
  readonly body: string;
  /** Set exactly where the body is encrypted. */
  readonly cryptoKeyId: string | null;
  readonly correlationNumber: number;
  /** The one reading of the clock for all three times. */
  readonly at: Date;
}

export interface SignedHeaders {
  readonly correlationId: string;
  readonly headers: RequestHeaders;
}

export function signRequestHeaders(
  signer: RequestSigner,
  { body, cryptoKeyId, correlationNumber, at }: RequestToSign,
): SignedHeaders {
  const times = formatProviderTimes(at, signer.timeZone);
  const correlationId = formatCorrelationId(times.correlationPrefix, correlationNumber);
  const headers = {
    'X-KM-User-AspId': signer.aspId,
    'X-KM-Correlation-Id': correlationId,
    'X-KM-Access-Key': signer.accessKey,
    ...(cryptoKeyId === null ? {} : { 'X-KM-Crypto-Key-Id': cryptoKeyId }),
    'X-KM-Tran-Token': signTranToken(signer.secretKey, times.tokenTime, body),
    'X-KM-Tran-Time': times.tranTime,
    'X-KM-Time-Zone': signer.timeZone,
    'Content-Type': 'application/json',
    Accept: 'application/json',
    'User-Agent': signer.userAgent,
  };
  return { correlationId, headers };
}
