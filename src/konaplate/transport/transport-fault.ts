import { codeOf } from '../../domain/error-words.ts';
import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { Reply } from '../../domain/outcome.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { isCertificateAlert, readSetUpFault } from './set-up-fault.ts';

/** How far a call had come when it failed. */
export interface CallProgress {
  /** The connection was made, and writing the request to it had begun. */
  readonly requestStarted: boolean;
  /** Status of the answer whose body then broke off; null before an answer's headers. */
  readonly httpStatus: number | null;
  readonly retryAfterMs: number | null;
}

const MAX_ERROR_LENGTH = 300;
const TOO_MANY_REQUESTS = 429;

/**
 * The one place that separates "surely not processed" from "may have taken effect". The kind of error does not decide
 * (ECONNRESET comes before and after), only whether writing had begun: a refused connection, DNS, TLS and connect
 * time-outs end before that. A kept-alive connection that the provider had already closed counts as begun, because
 * nobody can tell. A broken 429 is still a 429: its status alone says that the call was not processed. Under TLS 1.3
 * a server judges our client certificate after the handshake has ended for us, so its alert comes after our request,
 * which nobody read.
 */
export function replyToFault(error: unknown, progress: CallProgress): Reply {
  const isUnread = progress.httpStatus === null && isCertificateAlert(error);
  if (!progress.requestStarted || isUnread) {
    const setUpFault = readSetUpFault(error);
    return { kind: 'not_sent', error: describeFault(error), ...(setUpFault === null ? {} : { setUpFault }) };
  }
  const { httpStatus, retryAfterMs } = progress;
  if (httpStatus === TOO_MANY_REQUESTS) {
    return {
      kind: 'answered',
      httpStatus,
      code: null,
      unread: describeFault(error),
      message: null,
      raw: '',
      retryAfterMs,
    };
  }
  const asked = retryAfterMs === null ? {} : { retryAfterMs };
  return { kind: 'no_answer', httpStatus, error: describeFault(error), ...asked };
}

/** Returns one line for people with ids masked; it starts with the system's or undici's code where there is one. */
function describeFault(error: unknown): string {
  const { code, message } = readError(error);
  const text = message.includes(code) ? message : `${code}: ${message}`;
  return maskIdsInText(cleanUntrustedText(text, MAX_ERROR_LENGTH));
}

function readError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'unknown', message: String(error) };
  // Connecting to several addresses fails with an AggregateError that has no message of its own.
  const words =
    error.message === '' && error instanceof AggregateError ? error.errors.map(String).join('; ') : '';
  return { code: codeOf(error), message: error.message || words || 'no further words' };
}
