/**
 * Whether the fault happens before the call takes effect (`before`), so that it takes none, or after it was processed
 * (`after`).
 */
export type FaultMoment = 'before' | 'after';

/** Faults of the connection: before a byte of the answer, in the middle of its body, or for ever. */
const connectionFaults = ['reset', 'close', 'torn', 'truncated', 'hang'] as const;
/** Contents that can replace an answer in a complete reply. */
const contentFaults = ['half', 'garbage', 'empty', 'html', 'foreign-key', 'bad-jwe', 'swapped'] as const;
export const momentaryFaults = [...connectionFaults, ...contentFaults];
/** Oddities of a true answer. */
export const disguises = ['gzip', 'wrong-type', 'no-id', 'other-id'] as const;

export type Fault =
  /** HTTP 429, never processed. Null: no Retry-After header; `asDate`: the header is an HTTP date. */
  | { readonly kind: 'too_many'; readonly retryAfterSeconds: number | null; readonly asDate: boolean }
  /** An HTML page as gateways and firewalls send; `status` is a 5xx or a 4xx, never 429. */
  | { readonly kind: 'page'; readonly status: number; readonly when: FaultMoment }
  /** A redirect to the called address itself, so that a client which follows it is seen to call again. */
  | { readonly kind: 'redirect'; readonly status: number; readonly when: FaultMoment }
  /** This code in place of the true one. */
  | { readonly kind: 'code'; readonly code: string; readonly when: FaultMoment }
  | {
      readonly kind: 'connection';
      readonly how: (typeof connectionFaults)[number];
      readonly when: FaultMoment;
    }
  | { readonly kind: 'content'; readonly what: (typeof contentFaults)[number]; readonly when: FaultMoment }
  /** The connection ends before the body is read, so nobody knows what was asked. */
  | { readonly kind: 'unread'; readonly how: 'reset' | 'close' }
  /** The true answer, compressed, declared as plain text, or with a missing or another correlation id. */
  | { readonly kind: 'disguised'; readonly as: (typeof disguises)[number] }
  /** The true answer, late. */
  | { readonly kind: 'slow'; readonly ms: number };

export const faultGrammar =
  '"429", "429 1s", "429 date 1s", "500 before" (or any 5xx, and any 4xx but 429), "302 before" (or 301, 303, 307, 308), "009_999 after", ' +
  `"${momentaryFaults.join(' before", "')} before" (each also "after"), "${disguises.join('", "')}", "slow 300ms"`;

/** Faults that only chance can bring: the card is named in the body, which is not read. */
export const unscriptableFaults: readonly string[] = ['reset unread', 'close unread'];

const MOMENTARY = /^(?<what>[a-z0-9_-]+) (?<when>before|after)$/;

/** Reads one scripted fault; null where it is not in `faultGrammar`. */
export function parseFault(text: string): Fault | null {
  const tooMany = /^429(?<date> date)?(?: (?<seconds>\d{1,4})s)?$/.exec(text)?.groups;
  if (tooMany !== undefined && (tooMany['date'] === undefined || tooMany['seconds'] !== undefined)) {
    const { date, seconds } = tooMany;
    const retryAfterSeconds = seconds === undefined ? null : Number(seconds);
    return { kind: 'too_many', retryAfterSeconds, asDate: date !== undefined };
  }
  const slow = /^slow (\d{1,6})ms$/.exec(text);
  if (slow !== null) return { kind: 'slow', ms: Number(slow[1]) };
  const disguise = disguises.find((name) => name === text);
  if (disguise !== undefined) return { kind: 'disguised', as: disguise };
  const { what = '', when } = MOMENTARY.exec(text)?.groups ?? {};
  return when === 'before' || when === 'after' ? parseMomentary(what, when) : null;
}

/** Reads a fault that comes by chance; null where there is none with that name. */
export function parseChanceFault(text: string): Fault | null {
  if (text === 'reset unread') return { kind: 'unread', how: 'reset' };
  if (text === 'close unread') return { kind: 'unread', how: 'close' };
  return parseFault(text);
}

function parseMomentary(what: string, when: FaultMoment): Fault | null {
  if (isPageStatus(what)) return { kind: 'page', status: Number(what), when };
  if (/^30[12378]$/.test(what)) return { kind: 'redirect', status: Number(what), when };
  if (/^\d{3}_\d{3}$/.test(what) && what !== '000_000') return { kind: 'code', code: what, when };
  const how = connectionFaults.find((name) => name === what);
  if (how !== undefined) return { kind: 'connection', how, when };
  const content = contentFaults.find((name) => name === what);
  return content === undefined ? null : { kind: 'content', what: content, when };
}

/** Returns whether a status can be that of a page. 429 is separate, because such a call is never processed. */
export function isPageStatus(text: string): boolean {
  return /^[45]\d\d$/.test(text) && text !== '429';
}

/** Returns the spelling that `parseChanceFault` reads back. */
export function spellFault(fault: Fault): string {
  switch (fault.kind) {
    case 'too_many':
      if (fault.retryAfterSeconds === null) return '429';
      return `429 ${fault.asDate ? 'date ' : ''}${fault.retryAfterSeconds}s`;
    case 'page':
    case 'redirect':
      return `${fault.status} ${fault.when}`;
    case 'code':
      return `${fault.code} ${fault.when}`;
    case 'connection':
      return `${fault.how} ${fault.when}`;
    case 'content':
      return `${fault.what} ${fault.when}`;
    case 'unread':
      return `${fault.how} unread`;
    case 'disguised':
      return fault.as;
    case 'slow':
      return `slow ${fault.ms}ms`;
  }
}

/** Returns what the client was answered, or the fault in its place; null where the client gets the true answer. */
export function nameFault(fault: Fault): string | null {
  switch (fault.kind) {
    case 'too_many':
      return '429';
    case 'code':
      return fault.code;
    case 'disguised':
    case 'slow':
      return null;
    case 'page':
    case 'redirect':
    case 'connection':
    case 'content':
    case 'unread':
      return spellFault(fault);
  }
}

/** Returns whether the call is processed although the client does not learn it, or not at once. */
export function isProcessed(fault: Fault): boolean {
  switch (fault.kind) {
    case 'too_many':
    case 'unread':
      return false;
    case 'disguised':
    case 'slow':
      return true;
    case 'page':
    case 'redirect':
    case 'code':
    case 'connection':
    case 'content':
      return fault.when === 'after';
  }
}
