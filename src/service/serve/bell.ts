/** Wakes a loop that sleeps between two looks. */
export class Bell {
  private controller = new AbortController();

  /** Aborts at the next ring. Take it before a look, so that a ring during the look is not lost. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  ring(): void {
    const { controller } = this;
    this.controller = new AbortController();
    controller.abort();
  }
}
