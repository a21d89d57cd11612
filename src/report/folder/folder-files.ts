import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { scanFile } from '../../intake/scanned-file.ts';
import { audienceFileNames } from '../csv/audience-files.ts';
import { DIFFERENCE_FILE } from '../csv/difference-file.ts';
import { resultFileNames } from '../csv/result-files.ts';
import { FAILED_WORKBOOK, REPORT_WORKBOOK } from './folder-views.ts';

/** Files that every folder has, whatever version of the program wrote it. */
export const requiredFiles: readonly string[] = [
  ...resultFileNames.map((name) => `${name}.csv`),
  'summary.json',
];

/** All files that the program writes into a folder, except its manifest. */
export const ourFiles: readonly string[] = [
  ...requiredFiles,
  ...Object.values(audienceFileNames),
  DIFFERENCE_FILE,
  FAILED_WORKBOOK,
  REPORT_WORKBOOK,
  'report.html',
];

export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of scanFile(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** Returns the names in a folder, in order; null where it does not exist. */
export async function namesIn(folder: string): Promise<string[] | null> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code)))
      return null;
    throw error;
  }
}
