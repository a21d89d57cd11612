import { messageOf } from '../../domain/error-words.ts';
import { findUnreadUploads } from '../../ledger/desk/upload-plans.ts';
import type { DeskOptions } from '../server/desk-options.ts';
import { uploadJobsOf } from '../server/served-jobs.ts';
import { planUpload } from './plan-upload.ts';

/** At this pace the planner tries again after a failure and finds uploads that a dead process left unread. */
const LOOK_MS = 10_000;

/** Plans uploaded lists one after the other, whichever process received them. */
export class UploadPlanner {
  private readonly options: DeskOptions;
  private readonly stop = new AbortController();
  private nudge = new AbortController();
  private readonly ended: Promise<void>;

  constructor(options: DeskOptions) {
    this.options = options;
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
    await this.ended;
  }

  private async keepPlanning(): Promise<void> {
    const { clock, tell } = this.options;
    while (!this.stop.signal.aborted) {
      const nudged = this.nudge.signal;
      await this.planAll().catch((error: unknown) => {
        tell(`an uploaded list could not be read, and it is tried again: ${messageOf(error)}`);
      });
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
      await planUpload(this.options, upload);
    }
  }
}
