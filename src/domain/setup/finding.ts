/** How much a checked item matters for the next run: `fail` prevents the run. */
export type FindingLevel = 'ok' | 'warn' | 'fail';

/** One checked item of the set-up with its result. Holds no secret. */
export interface Finding {
  readonly level: FindingLevel;
  /** The item that was checked, such as `ledger`. */
  readonly about: string;
  /** The result of the check. */
  readonly what: string;
  /** What to do about it; null where nothing is to be done or `what` says it already. */
  readonly cure: string | null;
}

export function fine(about: string, what: string): Finding {
  return { level: 'ok', about, what, cure: null };
}

export function doubt(about: string, what: string, cure: string | null = null): Finding {
  return { level: 'warn', about, what, cure };
}

export function fault(about: string, what: string, cure: string | null = null): Finding {
  return { level: 'fail', about, what, cure };
}
