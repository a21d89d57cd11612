/** Time as the program sees it. Tests pass a clock that they move by hand. */
export interface Clock {
  /** Wall clock. */
  now(): Date;
  /** Milliseconds that never go back, and that go on while the process is stopped. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
