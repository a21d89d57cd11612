/** Collects single items and writes them in sets. */
export interface SetWriter<Item, Answer = void> {
  /**
   * Resolves, with what the writing says of the item, when its set is written; rejects with what that rejected with.
   */
  add(item: Item): Promise<Answer>;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** A set writer whose writing says nothing of the single items. */
export function createSetWriter<Item>(
  write: (items: readonly Item[]) => Promise<void>,
  largestSet: number,
): SetWriter<Item> {
  return createAnsweringWriter<Item, void>(async (items) => {
    await write(items);
    return () => undefined;
  }, largestSet);
}

/**
 * Group commit: while one set is written, the next one gathers. So sets grow when the database is slow, and no item
 * waits for a timer: when nothing is being written, an item leaves within one turn of the event loop. `write` resolves
 * with what it says of each item.
 */
export function createAnsweringWriter<Item, Answer>(
  write: (items: readonly Item[]) => Promise<(item: Item) => Answer>,
  largestSet: number,
): SetWriter<Item, Answer> {
  let waiting: Waiting<Item, Answer>[] = [];
  let isWriting = false;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const set = waiting.slice(0, largestSet);
      waiting = waiting.slice(largestSet);
      await writeSet(set);
    }
    isWriting = false;
  }

  async function writeSet(set: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answerTo = await write(set.map((entry) => entry.item));
      for (const entry of set) entry.resolve(answerTo(entry.item));
    } catch (error) {
      for (const entry of set) entry.reject(error);
    }
  }

  return {
    add: async (item) =>
      await new Promise<Answer>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (isWriting) return;
        isWriting = true;
        setImmediate(() => void writeAll());
      }),
  };
}
