/** One JSON answer of the simulated platform. */
export interface Answer {
  readonly status: number;
  readonly code: string;
  readonly description: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Fields beside `response`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Codes, statuses and messages of register-api.txt, word for word. */
const documented: Readonly<Record<string, { readonly status: number; readonly description: string }>> = {
  '000_000': { status: 200, description: 'Success.' },
  '000_002': { status: 400, description: 'Invalid input parameter.' },
  '001_003': { status: 400, description: 'Invalid par.' },
  '007_012': { status: 400, description: 'Par already exist.' },
  '007_015': { status: 400, description: 'User does not accept open bank terms and conditions.' },
  '007_016': { status: 400, description: 'Card status is not active.' },
  '007_017': { status: 400, description: 'Auto recharge plan already exist error.' },
  '007_027': { status: 400, description: 'User does not accept firm banking terms and conditions.' },
  '007_031': { status: 400, description: 'Bank account for auto recharge is not registered.' },
};

/** Answers of the platform's other calls; an unknown member gets one here too. */
const ofSisterCalls: typeof documented = {
  '001_006': { status: 400, description: 'Wallet user not found.' },
};

/**
 * Returns the answer for a code. A code that the page does not list gets HTTP 400 and a message, as its own errors
 * do.
 */
export function answerOf(code: string): Answer {
  const known = documented[code] ??
    ofSisterCalls[code] ?? { status: 400, description: 'An answer the documents do not list.' };
  return { ...known, code, headers: {} };
}

/** The documents name no codes for these answers; clients must go by the status. */
export const unauthorized: Answer = {
  status: 401,
  code: '000_401',
  description: 'Unauthorized.',
  headers: {},
};
export const notFound: Answer = { status: 404, code: '000_404', description: 'Not found.', headers: {} };

/** Null: no Retry-After. An HTTP date has whole seconds, so it is rounded up and never too early. */
export function tooManyRequests(retryAfterSeconds: number | null, dateFrom: Date | null = null): Answer {
  const retryAfter =
    retryAfterSeconds === null || dateFrom === null
      ? retryAfterSeconds?.toString()
      : new Date(Math.ceil(dateFrom.getTime() / 1000 + retryAfterSeconds) * 1000).toUTCString();
  return {
    status: 429,
    code: '000_429',
    description: 'Too many requests.',
    headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter },
  };
}
