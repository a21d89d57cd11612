/** Collects single items and writes them in sets. */
export interface SetWriter<Item> {
  /** Resolves when the set that holds the item is written; rejects with what the writing rejected with. */
  add(item: Item): Promise<void>;
}

interface Waiting<Item> {
  readonly item: Item;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Group commit: while one set is being written the next one gathers, so a set is as large as the database is slow
 * and nothing waits for a timer. An item is on its way within one turn of the event loop when nothing is written.
 */
export function createSetWriter<Item>(
  write: (items: readonly Item[]) => Promise<void>,
  largestSet: number,
): SetWriter<Item> {
  let waiting: Waiting<Item>[] = [];
  let isWriting = false;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const set = waiting.slice(0, largestSet);
      waiting = waiting.slice(largestSet);
      await writeSet(set);
    }
    isWriting = false;
  }

  async function writeSet(set: readonly Waiting<Item>[]): Promise<void> {
    try {
      await write(set.map((entry) => entry.item));
      for (const entry of set) entry.resolve();
    } catch (error) {
      for (const entry of set) entry.reject(error);
    }
  }

  return {
    add: async (item) => {
      await new Promise<void>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (isWriting) return;
        isWriting = true;
        setImmediate(() => void writeAll());
      });
    },
  };
}
