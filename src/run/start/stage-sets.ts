import type { ListRow } from '../../domain/list-row.ts';
import type { Queryable, RunLease } from '../../ledger/ledger-port.ts';
import { stageRows } from '../../ledger/runs/list-row-table.ts';

/**
 * Stages the sets in their order; while the database writes one, the next is read. Whatever happens, nothing is being
 * written any more when it ends: rows of a list that is refused meanwhile can be taken away for good.
 */
export async function stageSets(
  on: Queryable,
  lease: RunLease,
  sets: AsyncIterable<readonly ListRow[]>,
  onStaged: () => void = () => undefined,
): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const rows of sets) {
      await writing;
      writing = stageRows(on, lease, rows).then(onStaged);
      // Its failure is met at the next set, or at the end.
      writing.catch(() => undefined);
    }
  } finally {
    await Promise.allSettled([writing]);
  }
  await writing;
}
