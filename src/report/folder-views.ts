import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failedClasses } from '../domain/class.ts';
import type { ClassCounts } from '../domain/control-totals.ts';
import type { ReportedRow } from '../ledger/list-row-table.ts';
import { FailedWorkbook } from './failed-workbook.ts';
import { sentenceOfLeftOut } from './left-out.ts';
import type { ResultLayout } from './result-layout.ts';
import type { NoteOptions } from './result-note.ts';
import type { UnfinishedFile } from './unfinished-file.ts';

export interface FolderViewsOptions extends NoteOptions {
  readonly folder: string;
  readonly layout: ResultLayout;
  readonly classes: ClassCounts;
  /** Begins a file of the folder. */
  readonly createFile: (name: string) => Promise<UnfinishedFile>;
}

const FAILED_WORKBOOK = 'failed.xlsx';

/** The files of a run folder that show rows once more, for those who work with them. */
export class FolderViews {
  readonly #options: FolderViewsOptions;
  readonly #failed: FailedWorkbook;
  /** One sentence for each file that is not there, for the log and the terminal. */
  readonly warnings: string[] = [];

  constructor(options: FolderViewsOptions) {
    this.#options = options;
    const rows = failedClasses.reduce((sum, name) => sum + options.classes[name], 0);
    this.#failed = new FailedWorkbook({ ...options, rows });
  }

  async add(page: readonly ReportedRow[]): Promise<void> {
    await this.#failed.add(page);
  }

  /** After the last row: the files, whole, but neither synced nor under their names. `at`: the time workbooks bear. */
  async finish(at: Date): Promise<UnfinishedFile[]> {
    const failed = await this.#writeFailed(at);
    return failed === null ? [] : [failed];
  }

  /** Leaves nothing behind of what the files were made of. */
  async discard(): Promise<void> {
    await this.#failed.discard();
  }

  async #writeFailed(at: Date): Promise<UnfinishedFile | null> {
    const { folder, createFile } = this.#options;
    const leftOut = await this.#failed.end();
    if (leftOut === null) {
      const file = await createFile(FAILED_WORKBOOK);
      await this.#failed.write(file, at);
      return file;
    }
    // Of an earlier end of the run, when there were fewer rows.
    await rm(join(folder, FAILED_WORKBOOK), { force: true });
    this.warnings.push(sentenceOfLeftOut(FAILED_WORKBOOK, leftOut, 'failed.csv'));
    return null;
  }
}
