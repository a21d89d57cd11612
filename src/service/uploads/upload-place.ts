import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Uploads lie in a folder of this name below the report folder of a job. */
const UPLOADS = 'uploads';

/** Returns the folder that holds the uploads of all jobs with this report folder. */
export function uploadsFolder(reportsDirectory: string): string {
  return join(reportsDirectory, UPLOADS);
}

/** Returns the folder of one upload. Each upload has its own, so that two files of one name don't collide. */
export function uploadFolder(reportsDirectory: string, id: string): string {
  return join(uploadsFolder(reportsDirectory), id);
}

export async function forgetUploadFolder(reportsDirectory: string, id: string): Promise<void> {
  await rm(uploadFolder(reportsDirectory, id), { recursive: true, force: true });
}
