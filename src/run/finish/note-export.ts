import { noteAccess, type Actor } from '../../ledger/privacy/access-log-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import type { WrittenRunFolder } from '../../report/folder/run-folder.ts';

/** What writing a run folder is called in the access log: its lists hold whole ids. Once for each writing. */
export async function noteFolderExport(
  on: Queryable,
  actor: Actor,
  at: Date,
  { summary }: Pick<WrittenRunFolder, 'summary'>,
): Promise<void> {
  await noteAccess(on, actor, {
    at,
    action: 'exported',
    what: `run folder of ${summary.runId}`,
    rows: Object.values(summary.classes).reduce((sum, count) => sum + count, 0),
    reason: null,
  });
}
