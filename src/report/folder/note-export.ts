import { sumOfClasses, type ClassCounts } from '../../domain/control-totals.ts';
import { noteAccess, type UserAtHost } from '../../ledger/privacy/access-log-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';

/** What the access log records about the writing of a run folder, whose lists hold whole ids. */
export interface FolderExport {
  readonly me: UserAtHost;
  readonly at: Date;
  readonly runId: string;
  readonly classes: ClassCounts;
}

/** Records one writing before the folder exists; without this entry nothing is written. */
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
