import type { Clock } from '../../domain/clock.ts';
import { findKnownUploads } from '../../ledger/desk/upload-table.ts';
import { expirePlans } from '../../ledger/desk/upload-plans.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { forgetUploadFolder } from '../../service/uploads/upload-place.ts';
import { findUploadFolders } from './upload-folder.ts';

/**
 * An upload takes ten minutes at most, on any machine. A folder that is older and has no row was left by a killed
 * process.
 */
const SURELY_LEFT_MS = 15 * 60_000;

/** The ledger changes, so a plan that is a day old says nothing about a run today. */
const PLAN_HOLDS_MS = 24 * 3_600_000;

/**
 * Expires plans that nobody acted on, and removes folders of uploads that a killed process left without a row. Returns
 * how many folders it removed.
 */
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
