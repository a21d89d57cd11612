/** How much one thing that was looked at matters for the next run: `fail` keeps it from its work. */
export type FindingLevel = 'ok' | 'warn' | 'fail';

/** One thing of the set-up that was looked at, and what came of it. Holds no secret. */
export interface Finding {
  readonly level: FindingLevel;
  /** What was looked at, such as `ledger`. */
  readonly about: string;
  /** What was found. */
  readonly what: string;
  /** What to do about it; null where there is nothing to do, or where `what` says it already. */
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
