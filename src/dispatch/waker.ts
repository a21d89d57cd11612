/** Wakes whoever waits for the next change. A promise is made only where somebody waits. */
export class Waker {
  private waiting: PromiseWithResolvers<void> | null = null;

  /** Resolves at the next `wake`. */
  get next(): Promise<void> {
    this.waiting ??= Promise.withResolvers<void>();
    return this.waiting.promise;
  }

  wake(): void {
    this.waiting?.resolve();
    this.waiting = null;
  }
}
