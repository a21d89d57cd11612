export interface CallLogEntry {
  /** Milliseconds of the epoch, with fraction, from the monotonic clock: differences are exact. */
  readonly arrivedAt: number;
  readonly correlationId: string | null;
  readonly userId: string | null;
  readonly par: string | null;
  /** The code answered, or the fault in its place (`429`, `500 after`, `reset before` …); null while under way. */
  readonly answer: string | null;
  /** Why the call was refused, or null. */
  readonly reason: string | null;
  /** Whether the call reached the registration, whatever that said and whatever the client got to see. */
  readonly processed: boolean;
}

/** What becomes known of a call after its arrival. */
export type CallFindings = Partial<Omit<CallLogEntry, 'arrivedAt'>>;

const WINDOW_MS = 1000;

/**
 * The most arrivals in any window [t, t + 1 s). The fullest one can always be moved to begin with an arrival.
 * Arrivals are in ascending order.
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

/** Every call in order of arrival, and the sliding window over them. */
export class CallLog {
  readonly #calls: { -readonly [Key in keyof CallLogEntry]: CallLogEntry[Key] }[] = [];
  readonly #limit: number;
  #windowStart = 0;
  #violations = 0;

  /** `perSecond` null: no limit. */
  constructor(perSecond: number | null) {
    this.#limit = perSecond ?? Infinity;
  }

  get violations(): number {
    return this.#violations;
  }

  /** Returns the call's number in the log, and whether it is one too many; such a call counts in later windows too. */
  arrive(arrivedAt: number): { readonly call: number; readonly isTooMany: boolean } {
    this.#calls.push({
      arrivedAt,
      correlationId: null,
      userId: null,
      par: null,
      answer: null,
      reason: null,
      processed: false,
    });
    while (arrivedAt - (this.#calls[this.#windowStart]?.arrivedAt ?? arrivedAt) >= WINDOW_MS) {
      this.#windowStart += 1;
    }
    const isTooMany = this.#calls.length - this.#windowStart > this.#limit;
    if (isTooMany) this.#violations += 1;
    return { call: this.#calls.length - 1, isTooMany };
  }

  note(call: number, findings: CallFindings): void {
    const entry = this.#calls[call];
    if (entry !== undefined) Object.assign(entry, findings);
  }

  entries(): CallLogEntry[] {
    return this.#calls.map((call) => ({ ...call }));
  }

  summarize(): { calls: number; fullestWindow: number; byAnswer: Record<string, number> } {
    const counts = new Map<string, number>();
    for (const { answer } of this.#calls) {
      const name = answer ?? 'under way';
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return {
      calls: this.#calls.length,
      fullestWindow: findFullestWindow(this.#calls.map((call) => call.arrivedAt)),
      byAnswer: Object.fromEntries(Array.from(counts).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    };
  }
}
