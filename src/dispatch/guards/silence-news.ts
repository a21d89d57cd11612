/** What a log should hold of a provider that does not answer. */
export type AvailabilityNews =
  /** `last`: the end of the call that made it so, such as a refused connection, a time-out or HTTP 503. */
  { readonly kind: 'silent'; readonly last: string } | { readonly kind: 'back'; readonly silentMs: number };

/** Tells once when the provider falls silent, and once when it is heard again. */
export class SilenceNews {
  private readonly tell: (news: AvailabilityNews) => void;
  /** Monotonic; null: it is heard. */
  private since: number | null = null;

  constructor(tell: (news: AvailabilityNews) => void) {
    this.tell = tell;
  }

  /** Takes in a call that ended as `last` says. `isSilent`: whether the provider is in doubt now. */
  observe(isSilent: boolean, last: string, at: number): void {
    if (isSilent === (this.since !== null)) return;
    if (isSilent) this.tell({ kind: 'silent', last });
    else this.tell({ kind: 'back', silentMs: at - (this.since ?? at) });
    this.since = isSilent ? at : null;
  }
}
