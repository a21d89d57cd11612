/** Whether the call takes effect before the fault happens (`after` it was processed) or not at all (`before`). */
export type FaultMoment = 'before' | 'after';

export type Fault =
  /** HTTP 429, never processed. Null: no Retry-After header. */
  | { readonly kind: 'too_many'; readonly retryAfterSeconds: number | null }
  | { readonly kind: 'server_error'; readonly status: number; readonly when: FaultMoment }
  /** The connection is reset; no byte of an answer. */
  | { readonly kind: 'reset'; readonly when: FaultMoment }
  /** The answer breaks off in the middle of its body. */
  | { readonly kind: 'truncated'; readonly when: FaultMoment }
  /** No answer until the client gives up or the sandbox closes. */
  | { readonly kind: 'hang'; readonly when: FaultMoment }
  /** The true answer, late. */
  | { readonly kind: 'slow'; readonly ms: number };

export const faultGrammar =
  '"429", "429 1s", "500 before" (or 502, 503), "reset before", "truncated after", "hang before", "slow 300ms"';

const MOMENTARY = /^(5\d\d|reset|truncated|hang) (before|after)$/;

/** Reads one scripted fault; null where it is none of `faultGrammar`. */
export function parseFault(text: string): Fault | null {
  const tooMany = /^429(?: (\d{1,4})s)?$/.exec(text);
  if (tooMany !== null) {
    return { kind: 'too_many', retryAfterSeconds: tooMany[1] === undefined ? null : Number(tooMany[1]) };
  }
  const slow = /^slow (\d{1,6})ms$/.exec(text);
  if (slow !== null) return { kind: 'slow', ms: Number(slow[1]) };
  const momentary = MOMENTARY.exec(text);
  if (momentary === null) return null;
  const [, what, moment] = momentary;
  const when = moment === 'after' ? 'after' : 'before';
  if (what === 'reset' || what === 'truncated' || what === 'hang') return { kind: what, when };
  return { kind: 'server_error', status: Number(what), when };
}

/** The fault as the call log names it; null where the client gets the true answer. */
export function nameFault(fault: Fault): string | null {
  switch (fault.kind) {
    case 'too_many':
      return '429';
    case 'server_error':
      return `${fault.status} ${fault.when}`;
    case 'reset':
    case 'truncated':
    case 'hang':
      return `${fault.kind} ${fault.when}`;
    case 'slow':
      return null;
  }
}

/** Whether the call is processed although the client will not learn it, or not at once. */
export function isProcessed(fault: Fault): boolean {
  switch (fault.kind) {
    case 'too_many':
      return false;
    case 'slow':
      return true;
    case 'server_error':
    case 'reset':
    case 'truncated':
    case 'hang':
      return fault.when === 'after';
  }
}
