import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Below the report folder of a job. */
const UPLOADS = 'uploads';

/** Where all uploads of jobs with this report folder lie. */
export function uploadsFolder(reportsDirectory: string): string {
  return join(reportsDirectory, UPLOADS);
}

/** Where an upload lies: a folder of its own, so that two of one name don't meet. */
export function uploadFolder(reportsDirectory: string, id: string): string {
  return join(uploadsFolder(reportsDirectory), id);
}

export async function forgetUploadFolder(reportsDirectory: string, id: string): Promise<void> {
  await rm(uploadFolder(reportsDirectory, id), { recursive: true, force: true });
}
