import { failedClasses } from '../../domain/class.ts';
import type { ClassCounts } from '../../domain/control-totals.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import type { ReportedRow } from '../../ledger/runs/reported-rows.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { AudienceFiles } from '../csv/audience-files.ts';
import { createAudienceContext } from '../csv/audience-rows.ts';
import { DifferenceFile } from '../csv/difference-file.ts';
import { FailedWorkbook } from '../xlsx/failed-workbook.ts';
import { sentenceOfLeftOut, type LeftOut } from './left-out.ts';
import { writingFolder } from './report-folder-error.ts';
import type { ReportFacts } from '../report-facts.ts';
import { ReportWorkbook } from '../xlsx/report-workbook.ts';
import type { ResultLayout } from '../csv/result-layout.ts';
import type { NoteOptions } from '../result-note.ts';
import type { Summary } from '../summary.ts';
import type { UnfinishedFile } from './unfinished-file.ts';

export interface FolderViewsOptions extends NoteOptions {
  readonly ledger: Queryable;
  readonly run: RunRow;
  readonly folder: string;
  readonly layout: ResultLayout;
  readonly classes: ClassCounts;
  readonly timeZone: string;
  /** Creates a file of the folder. */
  readonly createFile: (name: string) => Promise<UnfinishedFile>;
}

export const FAILED_WORKBOOK = 'failed.xlsx';
export const REPORT_WORKBOOK = 'report.xlsx';

/**
 * The files of a run folder that show the rows again for those who work with them: workbooks, and lists by audience.
 */
export class FolderViews {
  private readonly options: FolderViewsOptions;
  private readonly failed: FailedWorkbook;
  private readonly report: ReportWorkbook;
  private readonly audiences: AudienceFiles;
  private readonly difference: DifferenceFile;
  /** One sentence for each file that is left out, for the log and the terminal. */
  readonly warnings: string[] = [];
  /** Names of the files that are left out; an earlier writing with fewer rows may have made them. */
  readonly leftOut: string[] = [];

  private constructor(
    options: FolderViewsOptions,
    parts: {
      readonly failed: FailedWorkbook;
      readonly report: ReportWorkbook;
      readonly audiences: AudienceFiles;
      readonly difference: DifferenceFile;
    },
  ) {
    this.options = options;
    this.failed = parts.failed;
    this.report = parts.report;
    this.audiences = parts.audiences;
    this.difference = parts.difference;
  }

  static async create(options: FolderViewsOptions): Promise<FolderViews> {
    const { run, layout, createFile, folder } = options;
    const rows = failedClasses.reduce((sum, name) => sum + options.classes[name], 0);
    const failed = new FailedWorkbook({ ...options, rows });
    const report = new ReportWorkbook(options);
    const ids = { userId: run.user_id_column, par: run.par_column };
    const context = createAudienceContext(layout, ids, options);
    const audiences = await writingFolder(folder, () =>
      AudienceFiles.create(context, report.workbook, createFile),
    );
    const difference = await writingFolder(folder, () =>
      DifferenceFile.create(context.texts, report.workbook, createFile),
    );
    report.addClassSheets();
    return new FolderViews(options, { failed, report, audiences, difference });
  }

  async add(page: readonly ReportedRow[]): Promise<void> {
    await writingFolder(this.options.folder, async () => {
      await this.failed.add(page);
      await this.report.add(page);
      await this.audiences.add(page);
    });
  }

  /** Completes the files after the last row; they are neither synced nor renamed yet. */
  async finish(summary: Summary, { breaks }: Pick<ReportFacts, 'breaks'>): Promise<UnfinishedFile[]> {
    const { ledger, run, language, timeZone } = this.options;
    await this.difference.fill(ledger, run.run_no);
    /** The time stored in the workbooks, the same whenever they are made. */
    const at = run.finished_at ?? run.started_at;
    const failedLeftOut = await this.failed.end();
    const told = { language, timeZone, breaks, failedLeftOut };
    const reportLeftOut = await this.report.end(summary, told);
    return [
      ...this.audiences.files,
      this.difference.file,
      ...(await this.writeUnless(failedLeftOut, FAILED_WORKBOOK, (file) => this.failed.write(file, at))),
      ...(await this.writeUnless(reportLeftOut, REPORT_WORKBOOK, (file) => this.report.write(file, at))),
    ];
  }

  /** Removes everything the files were made from. */
  async discard(): Promise<void> {
    await this.failed.discard();
    await this.report.workbook.discard();
  }

  private async writeUnless(
    leftOut: LeftOut | null,
    name: string,
    write: (file: UnfinishedFile) => Promise<void>,
  ): Promise<UnfinishedFile[]> {
    if (leftOut === null) {
      const file = await this.options.createFile(name);
      await write(file);
      return [file];
    }
    this.leftOut.push(name);
    const instead = name === FAILED_WORKBOOK ? 'failed.csv' : 'results.csv';
    this.warnings.push(sentenceOfLeftOut(name, leftOut, instead));
    return [];
  }
}
