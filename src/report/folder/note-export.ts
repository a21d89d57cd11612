import { sumOfClasses, type ClassCounts } from '../../domain/control-totals.ts';
import { noteAccess, type UserAtHost } from '../../ledger/privacy/access-log-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';

/** What a run folder's writing is told in the access log: its lists hold whole ids. */
export interface FolderExport {
  readonly me: UserAtHost;
  readonly at: Date;
  readonly runId: string;
  readonly classes: ClassCounts;
}

/** Once for each writing, and before the folder exists: a writing that is not entered does not happen. */
export async function noteFolderExport(
  on: Queryable,
  { me, at, runId, classes }: FolderExport,
): Promise<void> {
  await noteAccess(on, me, {
    at,
    action: 'exported',
    what: `run folder of ${runId}`,
    rows: sumOfClasses(classes),
    reason: null,
  });
}
