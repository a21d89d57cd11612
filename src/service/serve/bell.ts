/** Wakes a loop that sleeps. */
export class Bell {
  private controller = new AbortController();

  /** Aborts at the next ring. To be taken before the look that a ring would ask for again. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  ring(): void {
    const { controller } = this;
    this.controller = new AbortController();
    controller.abort();
  }
}
