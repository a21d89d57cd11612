import { messageOf } from '../../domain/error-words.ts';
import { findUnreadUploads, keepRefusal, type UnreadUpload } from '../../ledger/desk/upload-plans.ts';
import { tellUnreadable } from '../../service/uploads/uploaded-file.ts';
import type { DeskOptions } from '../server/desk-options.ts';
import { uploadJobsOf } from '../server/served-jobs.ts';
import { readInThisProcess } from './plan-upload.ts';
import { ReadingEndedError, type UploadReader } from './upload-reader.ts';

/** At this pace the planner tries again after a failure and finds uploads that a dead process left unread. */
const LOOK_MS = 10_000;
/** A list that ends the process that reads it so many times is refused, or it would be read for ever. */
const MOST_ENDINGS = 3;

/** Plans uploaded lists one after the other, whichever process received them. */
export class UploadPlanner {
  private readonly options: DeskOptions;
  private readonly reader: UploadReader;
  private readonly stop = new AbortController();
  private readonly endings = new Map<string, number>();
  private nudge = new AbortController();
  private readonly ended: Promise<void>;

  constructor(options: DeskOptions) {
    this.options = options;
    this.reader = options.reader ?? readInThisProcess(options);
    this.ended = this.keepPlanning();
  }

  /** Wakes the planner because there is an upload to read. */
  wake(): void {
    const { nudge } = this;
    this.nudge = new AbortController();
    nudge.abort();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.reader.close();
    await this.ended;
  }

  private async keepPlanning(): Promise<void> {
    const { clock } = this.options;
    while (!this.stop.signal.aborted) {
      const nudged = this.nudge.signal;
      await this.planAll().catch((error: unknown) => {
        this.tellFailure(error);
      });
      this.reader.rest();
      await clock.sleep(LOOK_MS, AbortSignal.any([this.stop.signal, nudged]));
    }
  }

  private async planAll(): Promise<void> {
    const unread = await findUnreadUploads(
      this.options.ledger,
      uploadJobsOf(this.options).map(({ name }) => name),
    );
    for (const upload of unread) {
      if (this.stop.signal.aborted) return;
      await this.plan(upload);
    }
  }

  /** Rejects where nothing can be read now. A list that ended its reader does not keep others from being read. */
  private async plan(upload: UnreadUpload): Promise<void> {
    try {
      await this.reader.read(upload);
      this.endings.delete(upload.id);
    } catch (error) {
      if (!(error instanceof ReadingEndedError)) throw error;
      if (this.stop.signal.aborted) return;
      if (await this.refuseAfterEndings(upload))
        this.options.tell(`upload ${upload.id} is refused: ${error.message}`);
      else this.tellFailure(error);
    }
  }

  private async refuseAfterEndings({ id, file_name: name }: UnreadUpload): Promise<boolean> {
    const endings = (this.endings.get(id) ?? 0) + 1;
    this.endings.set(id, endings);
    if (endings < MOST_ENDINGS) return false;
    const { ledger, clock } = this.options;
    const refusal = { ...tellUnreadable(name), mayPass: false };
    await keepRefusal(ledger, id, { refusal, reason: 'unreadable', at: clock.now() });
    this.endings.delete(id);
    return true;
  }

  private tellFailure(error: unknown): void {
    if (this.stop.signal.aborted) return;
    this.options.tell(`an uploaded list could not be read, and it is tried again: ${messageOf(error)}`);
  }
}
