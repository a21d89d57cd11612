import type { CallKind } from '../provider/call-kind.ts';

export interface CallLogEntry {
  readonly call: CallKind;
  /** Milliseconds since 1970, with a fraction, from the monotonic clock: differences are exact. */
  readonly arrivedAt: number;
  readonly correlationId: string | null;
  readonly userId: string | null;
  readonly par: string | null;
  /** Whether the body came encrypted and could be opened. */
  readonly encrypted: boolean;
  /**
   * The code answered, or the fault in its place (`429`, `500 after`, `reset before` …); null while the call is under
   * way.
   */
  readonly answer: string | null;
  /**
   * The fault that the call met, in its full spelling, even where the client got the true answer (`slow 300ms`); or
   * null.
   */
  readonly fault: string | null;
  /** Why the call was refused, or null. */
  readonly reason: string | null;
  /** Whether the request itself was processed, whatever its result and whatever the client saw. */
  readonly processed: boolean;
}

/** What becomes known about a call after its arrival. */
export type CallFindings = Partial<Omit<CallLogEntry, 'arrivedAt' | 'call'>>;

const WINDOW_MS = 1000;

/**
 * Returns the most arrivals in any window [t, t + 1 s). The fullest window can always be moved so that it begins with
 * an arrival. Arrivals must be in ascending order.
 */
export function findFullestWindow(arrivals: readonly number[]): number {
  let fullest = 0;
  let first = 0;
  arrivals.forEach((arrival, index) => {
    while (arrival - (arrivals[first] ?? arrival) >= WINDOW_MS) first += 1;
    fullest = Math.max(fullest, index - first + 1);
  });
  return fullest;
}

export interface CallFigures {
  readonly calls: number;
  readonly inquiries: number;
  readonly fullestWindow: number;
  readonly byAnswer: Record<string, number>;
  readonly inquiriesByAnswer: Record<string, number>;
}

/** Every call in order of arrival, and the sliding window over all of them. */
export class CallLog {
  private readonly calls: { -readonly [Key in keyof CallLogEntry]: CallLogEntry[Key] }[] = [];
  private readonly limit: number;
  private windowStart = 0;
  private violationsSoFar = 0;

  /** `perSecond` null: no limit. */
  constructor(perSecond: number | null) {
    this.limit = perSecond ?? Infinity;
  }

  get violations(): number {
    return this.violationsSoFar;
  }

  /**
   * Notes a call. Returns its index in the log, and whether it exceeds the limit; such a call counts in later windows
   * too.
   */
  arrive(
    arrivedAt: number,
    call: CallKind = 'register',
  ): { readonly index: number; readonly isTooMany: boolean } {
    this.calls.push({
      call,
      arrivedAt,
      correlationId: null,
      userId: null,
      par: null,
      encrypted: false,
      answer: null,
      fault: null,
      reason: null,
      processed: false,
    });
    while (arrivedAt - (this.calls[this.windowStart]?.arrivedAt ?? arrivedAt) >= WINDOW_MS) {
      this.windowStart += 1;
    }
    const isTooMany = this.calls.length - this.windowStart > this.limit;
    if (isTooMany) this.violationsSoFar += 1;
    return { index: this.calls.length - 1, isTooMany };
  }

  observe(index: number, findings: CallFindings): void {
    const entry = this.calls[index];
    if (entry !== undefined) Object.assign(entry, findings);
  }

  entries(): CallLogEntry[] {
    return this.calls.map((call) => ({ ...call }));
  }

  summarize(): CallFigures {
    const registrations = this.calls.filter((call) => call.call === 'register');
    const inquiries = this.calls.filter((call) => call.call === 'plans');
    return {
      calls: registrations.length,
      inquiries: inquiries.length,
      fullestWindow: findFullestWindow(this.calls.map((call) => call.arrivedAt)),
      byAnswer: countByAnswer(registrations),
      inquiriesByAnswer: countByAnswer(inquiries),
    };
  }
}

function countByAnswer(calls: readonly CallLogEntry[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { answer } of calls) {
    const name = answer ?? 'under way';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries(Array.from(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
