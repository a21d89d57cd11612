import type { Par } from '../domain/identity/par.ts';
import type { UserId } from '../domain/identity/user-id.ts';
import { createCodedError } from './transport/coded-error.ts';

export interface Registration {
  readonly userId: UserId;
  readonly par: Par;
}

const WIRE_USER_ID = /^[1-9][0-9]{0,18}$/;
const WIRE_PAR = /^[A-Z0-9]{27}$/;

/**
 * Returns the plain body of a registration. It is written by hand because userId is a JSON number of up to 19 digits,
 * which JSON.stringify would round. Without quoting, nothing else protects the body, so values that came back from
 * storage typed as UserId and Par are checked once more here.
 */
export function formatRegistrationBody(record: Registration): string {
  checkUserId(record.userId);
  if (!WIRE_PAR.test(record.par)) {
    throw createCodedError('request_par', 'a PAR on the wire is exactly 27 of A-Z and 0-9');
  }
  return `{"userId":${record.userId},"par":"${record.par}"}`;
}

/** Returns the plain body of an inquiry for a member's plans; inferred from its sister calls (PROVIDER.md). */
export function formatInquiryBody(userId: UserId): string {
  checkUserId(userId);
  return `{"userId":${userId}}`;
}

function checkUserId(userId: UserId): void {
  if (WIRE_USER_ID.test(userId)) return;
  throw createCodedError('request_user_id', 'a user id on the wire is 1 to 19 digits without a leading zero');
}
