import { messageOf } from '../../domain/error-words.ts';

/** The run folder can't be written. Exit code 8; the ledger holds everything, so nothing is lost. */
export class ReportFolderError extends Error {
  readonly code = 'REPORT_FOLDER';
  readonly path: string;

  constructor(path: string, what: string, options?: ErrorOptions) {
    super(`The run folder ${path} can't be written: ${what}.`, options);
    this.name = 'ReportFolderError';
    this.path = path;
  }
}

const AGAIN = 'then start the same command again, which calls nobody twice';

const sentences: ReadonlyMap<unknown, string> = new Map([
  ['ENOSPC', `no space is left; free some, ${AGAIN}`],
  ['EDQUOT', `this account's disk quota is used up; free some space, ${AGAIN}`],
  [
    'EACCES',
    `this account may not write there; give it the right to, or name another folder with --reports, ${AGAIN}`,
  ],
  [
    'EPERM',
    `this account may not write there; give it the right to, or name another folder with --reports, ${AGAIN}`,
  ],
  ['EROFS', `the file system is read-only; name another folder with --reports, ${AGAIN}`],
  [
    'EEXIST',
    `a file is in the place of a folder; move it away, or name another folder with --reports, ${AGAIN}`,
  ],
  [
    'ENOTDIR',
    `a file is in the place of a folder; move it away, or name another folder with --reports, ${AGAIN}`,
  ],
  ['EISDIR', `a folder is in the place of a file; move it away, ${AGAIN}`],
]);

/** Does `work` on the file system; any error becomes a ReportFolderError. */
export async function writingFolder<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ReportFolderError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const what = sentences.get(code) ?? `${messageOf(error)}; find out why, ${AGAIN}`;
    throw new ReportFolderError(folder, what, { cause: error });
  }
}
