import { stat } from 'node:fs/promises';
import { reportsDirectoryOf } from '../../config/reports-directory.ts';
import { appendAudit } from '../../ledger/desk/audit-trail.ts';
import {
  countOldOpenUploads,
  findOldUploads,
  forgetListName,
  forgetUploadRow,
  notePurgeOfUploadBegun,
  type OldUpload,
} from '../../ledger/desk/upload-purge.ts';
import { noteAccess } from '../../ledger/privacy/access-log-table.ts';
import type { PurgeEnvironment } from '../../run/purge.ts';
import { forgetUploadFolder, uploadFolder } from './upload-place.ts';

/** The uploads that a purge forgets, determined before anything is changed. */
export interface UploadPurgePlan {
  /** Includes forgotten uploads whose folder still exists. */
  readonly uploads: readonly OldUpload[];
  /** The uploads to forget whose folder is gone although no purge of them began. */
  readonly missing: readonly string[];
  /** The number of old uploads that stay because they are not over. */
  readonly open: number;
}

export async function planUploadPurge(environment: PurgeEnvironment, now: Date): Promise<UploadPurgePlan> {
  const age = { ...environment, now };
  const uploads: OldUpload[] = [];
  const missing: string[] = [];
  for (const upload of await findOldUploads(environment.ledger, age)) {
    const folder = uploadFolder(directoryOf(environment, upload), upload.id);
    const isThere = (await stat(folder).catch(() => null)) !== null;
    if (isThere || !upload.is_purged) uploads.push(upload);
    if (!isThere && !upload.is_begun) missing.push(upload.id);
  }
  return { uploads, missing, open: await countOldOpenUploads(environment.ledger, age) };
}

function directoryOf(
  { reportsPlace }: PurgeEnvironment,
  { reports_directory: directory }: OldUpload,
): string {
  return reportsDirectoryOf(directory ?? 'runs', reportsPlace);
}

/**
 * Removes the files of each upload before it marks the row as forgotten, so that the next purge finishes the work after
 * a kill at any point. Returns how many uploads were forgotten.
 */
export async function forgetUploads(
  environment: PurgeEnvironment,
  { uploads }: UploadPurgePlan,
  now: Date,
): Promise<number> {
  let forgotten = 0;
  for (const upload of uploads) {
    if (!(await notePurgeOfUploadBegun(environment.ledger, upload.id, { ...environment, now }))) continue;
    await forgetUploadFolder(directoryOf(environment, upload), upload.id);
    await forgetInLedger(environment, upload.id);
    forgotten += 1;
  }
  return forgotten;
}

/** Forgets the row and records who did it, in one transaction. */
async function forgetInLedger({ ledger, clock, me }: PurgeEnvironment, uploadId: string): Promise<void> {
  const at = clock.now();
  await ledger.transaction(async (transaction) => {
    await forgetListName(transaction, uploadId);
    const rows = await forgetUploadRow(transaction, uploadId, at);
    if (rows === null) return;
    const access = { at, action: 'purged', what: `upload ${uploadId}`, rows, reason: null } as const;
    const accessNo = await noteAccess(transaction, me, access);
    await appendAudit(transaction, { at, who: me.user, what: 'purged', uploadId, accessNo });
  });
}
