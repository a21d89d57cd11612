import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/error-words.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import type { LedgerAddress } from '../../ledger/engine/open-ledger.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { hasRecentPause, notePauseTold, takeUntoldPause } from '../../ledger/pause-notice-table.ts';
import { takePauseRequests } from '../../ledger/pause-requests.ts';
import { noteStartNotice, takeUntoldStart, type UntoldStart } from '../../ledger/start-notice-table.ts';
import type { Notifier } from '../notify/notifier.ts';
import { isKnownSkip, type UnmadeStart } from '../notify/start-news.ts';
import type { ServedJob } from './served-job.ts';

export interface TellerOptions {
  readonly ledger: Ledger;
  readonly address: LedgerAddress;
  readonly clock: Clock;
  readonly jobs: readonly ServedJob[];
  /**
   * Returns the notifier of the job's file as it is now; null where the file names none. Rejects where the file can't
   * be read.
   */
  readonly notifierOf: (job: ServedJob) => Promise<Notifier | null>;
  /** Receives a sentence about news that could not be told; the teller tries again. */
  readonly trouble: (sentence: string) => void;
}

/**
 * Tells people about events that no run reports: starts that did not happen as planned, and pauses that began or ended.
 * The ledger holds each event until a process has told it, whichever process decided it. An event is told twice only
 * where a process dies between telling it and noting that.
 */
export class NewsTeller {
  private readonly options: TellerOptions;
  private telling: Promise<void> | null = null;

  constructor(options: TellerOptions) {
    this.options = options;
  }

  /** Begins to tell the events that nobody was told about, and does not wait for it. */
  look(now: Date): void {
    this.telling ??= this.tellAll(now)
      .catch((error: unknown) => {
        this.options.trouble(messageOf(error));
      })
      .finally(() => {
        this.telling = null;
      });
  }

  /** Resolves when the telling that has begun is done. */
  async idle(): Promise<void> {
    await this.telling;
  }

  private async tellAll(now: Date): Promise<void> {
    const { ledger, jobs } = this.options;
    for (const provider of new Set(jobs.map((job) => job.provider))) await this.tellPauses(provider);
    for (const job of jobs) {
      if (job.schedule === null) continue;
      for (;;) {
        const untold = await takeUntoldStart(ledger, job.name, now);
        if (untold === null) break;
        await this.tell(job, untold, now);
      }
    }
  }

  /** Tells each set of places once, through the first job that has it. */
  private async tellPauses(provider: string): Promise<void> {
    const { ledger, jobs, address, clock } = this.options;
    if (address.kind === 'embedded') await takePauseRequests(ledger, address.folder, clock.now());
    if (!(await hasRecentPause(ledger, provider))) return;
    for (const job of jobs.filter((one) => one.provider === provider)) {
      const notifier = await this.options.notifierOf(job);
      const places = notifier?.places ?? null;
      if (notifier === null || places === null) continue;
      for (;;) {
        const untold = await takeUntoldPause(ledger, provider, places);
        if (untold === null) break;
        if (await notifier.pause(untold)) await notePauseTold(ledger, untold, places);
      }
    }
  }

  private async tell(job: ServedJob, untold: UntoldStart, now: Date): Promise<void> {
    const { ledger, notifierOf } = this.options;
    const { request, decision, skip_told_at: at, was_made_since: wasMadeSince } = untold;
    if (decision === 'skipped' && isKnownSkip(at && { at, wasMadeSince }, now)) {
      await noteStartNotice(ledger, request, 'known', now);
      return;
    }
    const notifier = await notifierOf(job);
    if (notifier === null) await noteStartNotice(ledger, request, 'known', now);
    else if (await notifier.unmade(ledger, unmadeStartOf(job, untold, now)))
      await noteStartNotice(ledger, request, 'told', now);
  }
}

function unmadeStartOf({ file, schedule, timeZone }: ServedJob, untold: UntoldStart, now: Date): UnmadeStart {
  const { decision: fate, due_at: due, closes_at: closes, earlier } = untold;
  const next = schedule?.cron.next(now) ?? now;
  return {
    fate,
    dueAt: due.toISOString(),
    closedAt: closes.toISOString(),
    timeZone,
    earlier,
    jobFile: cleanUntrustedText(file),
    nextAt: next.toISOString(),
  };
}
