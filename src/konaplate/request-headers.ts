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
  /** Set exactly where bodies are encrypted. */
  readonly cryptoKeyId: string | null;
  readonly timeZone: ProviderTimeZone;
}

export interface SignedHeaders {
  readonly correlationId: string;
  readonly headers: RequestHeaders;
}

/** `body` is exactly what will be sent; `at` is the one reading of the clock for all three times. */
export function signRequestHeaders(
  signer: RequestSigner,
  body: string,
  correlationNumber: number,
  at: Date,
): SignedHeaders {
  const times = formatProviderTimes(at, signer.timeZone);
  const correlationId = formatCorrelationId(times.correlationPrefix, correlationNumber);
  const headers = {
    'X-KM-User-AspId': signer.aspId,
    'X-KM-Correlation-Id': correlationId,
    'X-KM-Access-Key': signer.accessKey,
    ...(signer.cryptoKeyId === null ? {} : { 'X-KM-Crypto-Key-Id': signer.cryptoKeyId }),
    'X-KM-Tran-Token': signTranToken(signer.secretKey, times.tokenTime, body),
    'X-KM-Tran-Time': times.tranTime,
    'X-KM-Time-Zone': signer.timeZone,
    'Content-Type': 'application/json',
    Accept: 'application/json',
  };
  return { correlationId, headers };
}
