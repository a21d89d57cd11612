import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { z } from 'zod';
import { USUAL_TIME_ZONE } from '../../domain/time/wall-time.ts';
import { isTimeZone } from '../../config/job-file/setting-schemas.ts';
import { loadLedgerConfiguration } from '../../config/configuration.ts';
import { readHolder } from '../../ledger/engine/folder-lock.ts';
import { STALE_SECONDS } from '../../ledger/locks/job-lock.ts';
import { readLiveJobs, type LiveJob } from '../../ledger/locks/live-jobs.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { findReconciliationEnd } from '../../ledger/breaks/reconciliation-table.ts';
import { findRun } from '../../ledger/runs/run-table.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import type { Host } from '../host.ts';
import { programName } from '../session/program-name.ts';
import { withLedger } from '../session/ledger-session.ts';
import { pauseReasons } from '../../dispatch/progress/dispatch-progress.ts';
import type { ShownProgress } from '../terminal/progress-line.ts';

/** What another process reports about the job it is working on. */
export interface LiveRun {
  readonly job: string | null;
  readonly host: string;
  readonly pid: number;
  /** Null: the process wrote something else. */
  readonly since: Date | null;
  /** Null while the process has not begun to call. */
  readonly told: ToldProgress | null;
}

export interface ToldProgress extends ShownProgress {
  readonly runId: string;
}

export interface LiveRuns {
  read(): Promise<readonly LiveRun[]>;
  /** Says how a run that is no longer live ended. */
  endOf(runId: string): Promise<string>;
}

/**
 * Finds live runs on the ledger. An embedded ledger stays closed: another process has it, or could not start
 * meanwhile.
 */
export async function withLiveRuns(
  host: Host,
  argv: Readonly<Record<string, unknown>>,
  work: (live: LiveRuns) => Promise<void>,
): Promise<void> {
  const { database } = await loadLedgerConfiguration({ flags: flagsOf(argv), env: host.env, cwd: host.cwd });
  if (database.kind === 'embedded') await work(liveInFolder(database.folder, host));
  else await withLedger(host, argv, async (ledger) => await work(liveOnServer(ledger)));
}

function liveOnServer(ledger: OpenLedger): LiveRuns {
  return {
    read: async () => (await readLiveJobs(ledger)).map(liveRunOf),
    endOf: async (runId) => {
      const run = (await findRun(ledger, runId)) ?? (await findReconciliationEnd(ledger, runId));
      if (run === null) return 'gone from the ledger';
      if (run.exit_code !== null)
        return `exit ${run.exit_code}: ${cleanUntrustedText(run.exit_reason ?? run.state)}`;
      return run.finished_at === null ? `left at ${run.state}: its process has died` : run.state;
    },
  };
}

export function liveRunOf(job: LiveJob): LiveRun {
  const { name, host, pid, since, progress } = job;
  return { job: name, host, pid, since, told: parseProgress(progress) };
}

function liveInFolder(folder: string, host: Host): LiveRuns {
  return {
    read: async () => {
      const held = parseHolder(readHolder(folder));
      const isLive =
        held !== null && host.clock.now().getTime() - held.beatAt.getTime() < STALE_SECONDS * 1_000;
      return await Promise.resolve(isLive ? [held] : []);
    },
    endOf: async (runId) =>
      await Promise.resolve(`has ended; ${programName(host.env)} status ${runId} says how`),
  };
}

const instant = z
  .string()
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()));
/** It goes to a terminal. */
const words = z.string().regex(/^[^\p{C}]{1,200}$/u);
const amount = z.number().min(0);

const progressSchema = z.object({
  runId: words,
  due: amount,
  final: z.record(words, amount),
  delayed: amount.catch(0),
  state: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('running') }),
      z.object({ kind: z.literal('canary') }),
      z.object({
        kind: z.literal('paused'),
        until: instant,
        why: z.enum(pauseReasons),
      }),
      z.object({
        kind: z.literal('slowed'),
        perSecond: amount.nullable(),
        // Versions that did not limit calls at once say nothing about it.
        atOnce: amount.nullable().default(null),
      }),
    ])
    .nullable()
    .catch(null),
  allowed: words.nullable().catch(null),
  timeZone: words.refine(isTimeZone).catch(USUAL_TIME_ZONE),
  pace: z
    .object({
      perSecond: amount,
      usualPerSecond: amount.nullable(),
      p50Ms: amount.nullable(),
      p99Ms: amount.nullable(),
    })
    .nullable()
    .catch(null),
  end: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('done'), at: instant }),
      z.object({ kind: z.literal('stopped'), at: instant, left: amount }),
    ])
    .nullable()
    .catch(null),
});

/** Another process, perhaps of another version, wrote this; a part in an unknown form is not shown. */
export function parseProgress(published: unknown): ToldProgress | null {
  return progressSchema.safeParse(published).data ?? null;
}

const holderSchema = z.object({
  host: words,
  pid: z.number(),
  since: instant.nullable().catch(null),
  beatAt: instant,
  progress: z.unknown(),
});
const jobSchema = z.object({ job: words });

/** Parses what the holder of an embedded ledger wrote beside the lock; null where it can't be read. */
export function parseHolder(written: unknown): (LiveRun & { readonly beatAt: Date }) | null {
  const holder = holderSchema.safeParse(written);
  if (!holder.success) return null;
  const { progress, ...who } = holder.data;
  return { ...who, job: jobSchema.safeParse(progress).data?.job ?? null, told: parseProgress(progress) };
}
