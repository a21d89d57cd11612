import type { ListRow } from '../../domain/list-row.ts';
import type { RowSource, RunFence } from '../../ledger/ledger-port.ts';
import { copyLines, stageRows } from '../../ledger/runs/row-staging.ts';

/**
 * Sets that one COPY writes, since each commit waits for the server's disk. Sets of wide rows are smaller and go alone.
 */
const ROWS_A_COPY = 5_000;
const ROWS_OF_A_FULL_SET = 1_000;

/**
 * Stages the sets in order. While the database writes one, the next is read and made ready for it. However it ends, no
 * write is under way any more, so that the rows of a list that was refused meanwhile can be removed for good.
 */
export async function stageSets(
  on: RowSource,
  fence: RunFence,
  sets: AsyncIterable<readonly ListRow[]>,
  onStaged: () => void = () => undefined,
): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const rows of on.bulk === null ? sets : joinSets(sets)) {
      const lines = copyLines(on, fence, rows);
      await writing;
      writing = stageRows(on, fence, rows, lines).then(onStaged);
      // If this write fails, the next set or the end meets the error.
      writing.catch(() => undefined);
    }
  } finally {
    await Promise.allSettled([writing]);
  }
  await writing;
}

/** Writes the first set alone, so that a list that can't be staged is known by its first rows. */
async function* joinSets(sets: AsyncIterable<readonly ListRow[]>): AsyncGenerator<readonly ListRow[]> {
  let joined: ListRow[] = [];
  let atOnce = 1;
  for await (const rows of sets) {
    for (const row of rows) joined.push(row);
    if (rows.length >= ROWS_OF_A_FULL_SET && joined.length < atOnce) continue;
    yield joined;
    joined = [];
    atOnce = ROWS_A_COPY;
  }
  if (joined.length > 0) yield joined;
}
