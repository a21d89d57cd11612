import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/error-words.ts';
import { wallTime, zonedTime } from '../../domain/time/wall-time.ts';
import { findOpenStarts } from '../../ledger/cron-table.ts';
import type { LedgerAddress, OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { RunQueue } from '../queue/run-queue.ts';
import { closeStarts } from './close-starts.ts';
import { findOpenRequests } from '../../ledger/desk/upload-requests.ts';
import type { Bell } from './bell.ts';
import { doUpload, type UploadRequestOptions } from './do-upload.ts';
import { doRequest, sharedNow, type StartedRun } from './do-request.ts';
import { lookAtSchedule, type CameDue } from './look-at-schedule.ts';
import { SharedSlots } from './shared-slots.ts';
import type { ServedJob } from './served-job.ts';
import { NewsTeller, type TellerOptions } from './news-teller.ts';
import { keepAnchoring } from './trail-anchor.ts';

/** At this pace lost requests are asked for again and starts of other processes are noticed. */
const LOOK_MS = 10_000;
/** A start that begins later than this counts as made up for. */
const ON_TIME_MS = 60_000;
/** Limits the runs of different jobs at the same time. The embedded ledger has one thread, which is this process's. */
const SLOTS = { server: 4, embedded: 1 } as const;

export interface ServeOptions {
  readonly ledger: OpenLedger;
  readonly address: LedgerAddress;
  readonly clock: Clock;
  readonly jobs: readonly ServedJob[];
  /** Whether this process looks at cron lines; `works` says whether it makes runs. */
  readonly schedules: boolean;
  readonly works: boolean;
  /** No new run begins once this is aborted. Current runs have their own signal and end by it. */
  readonly stop: AbortSignal;
  readonly run: (job: ServedJob, isAgain: boolean) => Promise<StartedRun>;
  readonly runUpload: UploadRequestOptions['runUpload'];
  /** Rings when somebody has asked for something that should not wait for the next look. */
  readonly bell: Bell;
  readonly tell: (job: ServedJob | null, sentence: string) => void;
  readonly notifierOf: TellerOptions['notifierOf'];
  /**
   * Is called once everything was looked at for the first time; from then on no start that comes due is overlooked.
   * `now` is a time of the ledger's clock.
   */
  readonly ready: (now: Date) => void;
  /** Is called after each look in which the ledger answered. */
  readonly beat: () => void;
}

/** Starts jobs on their cron lines and makes the requested runs, until `stop`. Rejects where there is no queue. */
export async function serve(options: ServeOptions): Promise<void> {
  const { ledger, address, jobs, stop, tell, works } = options;
  const trouble = new Trouble((sentence) => {
    tell(null, sentence);
  });
  const queue = await RunQueue.open(ledger, address, (sentence) => {
    trouble.seen(sentence);
  });
  const teller = new NewsTeller({
    ...options,
    trouble: (sentence) => {
      tell(null, `people could not be told something, which is tried again: ${sentence}`);
    },
  });
  const slots = new SharedSlots(SLOTS[ledger.engine], options);
  const ended = new AbortController();
  const anchoring = jobs.some(({ hasDesk }) => hasDesk)
    ? keepAnchoring({
        ...options,
        stop: AbortSignal.any([stop, ended.signal]),
        tell: (sentence) => {
          tell(null, sentence);
        },
      })
    : null;
  try {
    if (works) {
      for (const job of jobs) {
        await queue.work(job.name, async (request) => {
          if (job.hasDesk && (await doUpload({ ...options, slots }, job, request))) return;
          await doRequest({ ...options, slots }, job, request);
        });
      }
    }
    await keepLooking(options, { queue, trouble, teller, slots });
  } finally {
    if (!stop.aborted) tell(null, 'serve ends as soon as current runs have stopped');
    await slots.leave();
    await queue.stop();
    await teller.idle();
    ended.abort();
    await anchoring;
  }
}

interface Looking {
  readonly queue: RunQueue;
  readonly trouble: Trouble;
  readonly teller: NewsTeller;
  readonly slots: SharedSlots;
}

async function keepLooking(options: ServeOptions, { queue, trouble, teller, slots }: Looking): Promise<void> {
  const { clock, stop, ready, beat, bell } = options;
  let isReady = false;
  while (!stop.aborted) {
    let waitMs = LOOK_MS;
    const rung = bell.signal;
    try {
      const now = await sharedNow(options);
      const names = options.jobs.map(({ name }) => name);
      await queue.ensure(names);
      if (options.works) await slots.tell(names);
      if (options.schedules) await lookOnce(options, queue, now);
      teller.look(now);
      await askForUploads(options, queue);
      beat();
      if (!isReady) ready(now);
      isReady = true;
      trouble.over();
      waitMs = Math.min(LOOK_MS, ...options.jobs.map((job) => untilNext(job, now)));
    } catch (error) {
      trouble.seen(messageOf(error));
    }
    await clock.sleep(waitMs, AbortSignal.any([stop, rung]));
  }
}

function untilNext({ schedule }: ServedJob, now: Date): number {
  return schedule === null ? LOOK_MS : schedule.cron.next(now).getTime() - now.getTime();
}

/** Looks once at the schedule of every job. */
async function lookOnce(
  { ledger, jobs, tell }: Pick<ServeOptions, 'ledger' | 'jobs' | 'tell'>,
  queue: RunQueue,
  now: Date,
): Promise<void> {
  for (const job of jobs) {
    const came = await lookAtSchedule(ledger, job, now);
    if (came !== null) tell(job, cameDueWords(came, job, now));
    for (const sentence of await closeStarts(ledger, job, now)) tell(job, sentence);
    // The queue may have lost a request, so every open start is requested again; the ledger knows which are open.
    for (const { request } of await findOpenStarts(ledger, job.name)) await queue.request(job.name, request);
  }
}

/** Requests the runs of all open uploads, again where the queue has lost a request. */
async function askForUploads(
  { ledger, jobs }: Pick<ServeOptions, 'ledger' | 'jobs'>,
  queue: RunQueue,
): Promise<void> {
  for (const { name } of jobs.filter(({ hasDesk }) => hasDesk)) {
    for (const request of await findOpenRequests(ledger, name)) await queue.request(name, request);
  }
}

/** Returns a sentence that says what was decided about a start, and why. */
function cameDueWords(
  { due, closesAt, decision, earlier }: CameDue,
  { timeZone }: ServedJob,
  now: Date,
): string {
  const which = `the start of ${zonedTime(due, timeZone)}`;
  const before =
    earlier === 0 ? '' : `; ${earlier} before it ${earlier === 1 ? 'was' : 'were'} missed as well`;
  const closes = wallTime(closesAt, timeZone);
  switch (decision) {
    case 'requested':
      return now.getTime() - due.getTime() < ON_TIME_MS
        ? `${which} is due`
        : `${which} was missed and is made up for now, because its window is open until ${closes}${before}`;
    case 'skipped':
      return `${which} is skipped: the job is running${before}`;
    case 'missed':
      return `${which} was missed: nobody served the job before its window closed at ${closes}${before}`;
  }
}

/** Reports once that the ledger or the queue does not answer, and once that both answer again. */
class Trouble {
  private isTold = false;
  private readonly tell: (sentence: string) => void;

  constructor(tell: (sentence: string) => void) {
    this.tell = tell;
  }

  seen(sentence: string): void {
    if (this.isTold) return;
    this.isTold = true;
    this.tell(
      `nothing can be started for now, and it is tried again every ${LOOK_MS / 1_000} s: ${sentence}`,
    );
  }

  over(): void {
    if (this.isTold) this.tell('ledger and queue answer again');
    this.isTold = false;
  }
}

/** Returns when a job starts next, for the first lines of `serve`. */
export function nextStartWords(job: ServedJob, now: Date): string {
  if (job.schedule === null)
    return job.hasDesk
      ? 'has no schedule: its lists come from the desk'
      : 'has no schedule: nothing starts it by itself';
  const next = job.schedule.cron.next(now);
  return `starts next at ${zonedTime(next, job.timeZone)} (${job.schedule.line})`;
}
