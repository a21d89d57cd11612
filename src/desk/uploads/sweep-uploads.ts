import type { Clock } from '../../domain/clock.ts';
import { findKnownUploads } from '../../ledger/desk/upload-table.ts';
import { expirePlans } from '../../ledger/desk/upload-plans.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { forgetUploadFolder } from '../../service/uploads/upload-place.ts';
import { findUploadFolders } from './upload-folder.ts';

/** An upload is under way for ten minutes at most, wherever it arrives; an older one without a row was cut off by a kill. */
const SURELY_LEFT_MS = 15 * 60_000;

/** What a list would do a day ago says nothing of today. */
const PLAN_HOLDS_MS = 24 * 3_600_000;

/** Ends plans nobody acted on. Removes what a killed process left of uploads that never became one. Returns how many. */
export async function sweepUploads(
  ledger: Ledger,
  clock: Pick<Clock, 'now'>,
  reportsDirectories: ReadonlySet<string>,
): Promise<number> {
  const at = clock.now();
  await expirePlans(ledger, { before: new Date(at.getTime() - PLAN_HOLDS_MS), at });
  const before = clock.now().getTime() - SURELY_LEFT_MS;
  let swept = 0;
  for (const reportsDirectory of reportsDirectories) {
    const folders = await findUploadFolders(reportsDirectory);
    const old = folders.filter(({ changedAt }) => changedAt.getTime() < before).map(({ id }) => id);
    const known = await findKnownUploads(ledger, old);
    for (const id of old.filter((one) => !known.has(one))) {
      await forgetUploadFolder(reportsDirectory, id);
      swept += 1;
    }
  }
  return swept;
}
