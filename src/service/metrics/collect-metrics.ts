import { Gauge, Registry } from 'prom-client';
import { rowClasses } from '../../domain/class.ts';
import { exitCauses, type ExitDecision } from '../../domain/exit-cause.ts';
import { nightOf, nightsBetween } from '../../domain/night.ts';
import { ageBucketOf, ageBuckets, breakKinds } from '../../domain/reconciliation/break.ts';
import { USUAL_TIME_ZONE } from '../../domain/time/wall-time.ts';
import { readOpenBreaksByNight, type OpenBreaksOfNight } from '../../ledger/breaks/open-breaks.ts';
import { readLateStarts, type LateStarts } from '../../ledger/cron-table.ts';
import { readJobEnds, type JobEndRow } from '../../ledger/job-end-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { readPausesUnderWay, type PauseUnderWay } from '../../ledger/pause-table.ts';
import { parseStartFigures, type StartFigures } from './start-figures.ts';

/**
 * A job that nobody has started for this long is left out, and of many jobs only the latest are included, so that the
 * number of series is limited.
 */
const TOLD_FOR_MS = 35 * 86_400_000;
const MOST_JOBS = 50;

const percentiles = [
  ['50', 'p50'],
  ['90', 'p90'],
  ['99', 'p99'],
] as const;

/** The end of the start, which can't be read from the ledger because that is gone. */
export interface LoneEnd extends Pick<ExitDecision, 'exitCause'> {
  readonly job: string;
  readonly at: Date;
}

/**
 * Collects the metrics of a ledger in a registry of their own. It reads one row per job, the kept starts of `serve`,
 * and the open breaks by an index, but no row of a list.
 */
export async function collectMetrics(
  on: Queryable,
  { now, version }: { readonly now: Date; readonly version: string },
): Promise<Registry> {
  const ends = await readJobEnds(on, new Date(now.getTime() - TOLD_FOR_MS), MOST_JOBS);
  const breaks = await readOpenBreaksByNight(on);
  const pauses = await readPausesUnderWay(on);
  const late = await readLateStarts(on, MOST_JOBS);
  const registry = new Registry();
  tellProgram(registry, { version, isLedgerUp: true });
  tellEnds(
    registry,
    ends.map(({ job, ended_at: at, exit_cause: exitCause }) => ({ job, at, exitCause })),
  );
  tellSuccesses(registry, ends);
  tellFigures(registry, ends);
  tellBreaks(registry, breaks, nightOf(now, USUAL_TIME_ZONE));
  tellPauses(registry, pauses);
  tellLateStarts(registry, late);
  return registry;
}

/** Returns the metrics without a ledger: that it can't be read, and how the start ended that noticed it. */
export function collectWithoutLedger(end: LoneEnd, version: string): Registry {
  const registry = new Registry();
  tellProgram(registry, { version, isLedgerUp: false });
  tellEnds(registry, [end]);
  return registry;
}

function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Gauge<Label> {
  return new Gauge({ name: `kona_enroll_${name}`, help, labelNames: [...labelNames], registers: [registry] });
}

function tellProgram(
  registry: Registry,
  { version, isLedgerUp }: { readonly version: string; readonly isLedgerUp: boolean },
): void {
  gauge(registry, 'build_info', 'The program that has told this; always 1.', ['version']).set({ version }, 1);
  gauge(registry, 'ledger_up', 'Whether the ledger could be read: 1, else 0.').set(isLedgerUp ? 1 : 0);
}

function tellEnds(registry: Registry, ends: readonly LoneEnd[]): void {
  const ended = gauge(
    registry,
    'last_start_end_timestamp_seconds',
    'When the last start of the job ended, since the epoch.',
    ['job_name'],
  );
  const cause = gauge(
    registry,
    'last_start_exit_cause',
    'Why the last start of the job ended: 1 for its exit cause, 0 for all others.',
    ['job_name', 'cause'],
  );
  for (const { job, at, exitCause } of ends) {
    ended.set({ job_name: job }, at.getTime() / 1_000);
    for (const name of exitCauses) cause.set({ job_name: job, cause: name }, name === exitCause ? 1 : 0);
  }
}

function tellSuccesses(registry: Registry, ends: readonly JobEndRow[]): void {
  const succeeded = gauge(
    registry,
    'last_success_timestamp_seconds',
    'When the last start of the job ended that did its work (exit 0, 3, 4, or 6 by a limit of the night), since the epoch.',
    ['job_name'],
  );
  for (const { job, succeeded_at: at } of ends) {
    if (at !== null) succeeded.set({ job_name: job }, at.getTime() / 1_000);
  }
}

function tellFigures(registry: Registry, ends: readonly JobEndRow[]): void {
  const told = figureGauges(registry);
  for (const { job, figures: kept } of ends) {
    const figures = parseStartFigures(kept);
    if (figures !== null) tellFiguresOf(told, job, figures);
  }
}

function figureGauges(registry: Registry) {
  const ofStart = 'the runs of the last start of the job that had any';
  return {
    rows: gauge(registry, 'last_start_rows', `Rows by the class they ended in, of ${ofStart}.`, [
      'job_name',
      'class',
    ]),
    calls: gauge(
      registry,
      'last_start_calls',
      `Calls of ${ofStart}: those that register, and those that ask for plans.`,
      ['job_name', 'call'],
    ),
    latency: gauge(
      registry,
      'last_start_call_latency_seconds',
      `Time until the provider's answer, by percentile, of ${ofStart}.`,
      ['job_name', 'percentile'],
    ),
    allowed: gauge(
      registry,
      'last_start_allowed_calls_per_second',
      `What the limits of the second and the minute allow, of ${ofStart}.`,
      ['job_name'],
    ),
    used: gauge(
      registry,
      'last_start_used_calls_per_second',
      `Calls a second while calls were made, of ${ofStart}.`,
      ['job_name'],
    ),
    usedUp: gauge(
      registry,
      'last_start_nights_used_up_rows',
      `Rows that no later night calls by itself any more, of ${ofStart}.`,
      ['job_name'],
    ),
    oldest: gauge(
      registry,
      'oldest_open_record_timestamp_seconds',
      `Since when the record fails that has failed for the longest, since the epoch, of ${ofStart}.`,
      ['job_name'],
    ),
  };
}

function tellFiguresOf(told: ReturnType<typeof figureGauges>, job: string, figures: StartFigures): void {
  const { rows, calls, latencySeconds, allowedPerSecond, usedPerSecond, nightsUsedUp, oldestOpenAt } =
    figures;
  const name = { job_name: job };
  for (const one of rowClasses) told.rows.set({ ...name, class: one }, rows[one] ?? 0);
  told.calls.set({ ...name, call: 'register' }, calls.register);
  told.calls.set({ ...name, call: 'plans' }, calls.plans);
  if (latencySeconds !== null) {
    for (const [percentile, key] of percentiles) {
      told.latency.set({ ...name, percentile }, latencySeconds[key]);
    }
  }
  if (allowedPerSecond !== null) told.allowed.set(name, allowedPerSecond);
  told.used.set(name, usedPerSecond);
  told.usedUp.set(name, nightsUsedUp);
  if (oldestOpenAt !== null) told.oldest.set(name, Date.parse(oldestOpenAt) / 1_000);
}

function tellBreaks(registry: Registry, breaks: readonly OpenBreaksOfNight[], tonight: string): void {
  const open = gauge(
    registry,
    'open_breaks',
    'Breaks that nobody has explained and no comparison has closed, by kind and by how many nights they are old.',
    ['kind', 'age'],
  );
  const oldest = gauge(
    registry,
    'oldest_open_break_timestamp_seconds',
    'When the oldest open break of a kind was first found, since the epoch.',
    ['kind'],
  );
  for (const kind of breakKinds) {
    const ofKind = breaks.filter((one) => one.kind === kind);
    for (const age of ageBuckets) {
      const ofAge = ofKind.filter(({ night }) => ageBucketOf(nightsBetween(night, tonight)) === age);
      open.set(
        { kind, age },
        ofAge.reduce((total, one) => total + one.breaks, 0),
      );
    }
    if (ofKind.length > 0)
      oldest.set({ kind }, Math.min(...ofKind.map((one) => one.oldest.getTime())) / 1_000);
  }
}

function tellPauses(registry: Registry, pauses: readonly PauseUnderWay[]): void {
  const paused = gauge(
    registry,
    'provider_pause_end_timestamp_seconds',
    'While a person has paused a provider: when the pause ends, since the epoch.',
    ['provider'],
  );
  for (const { provider, until } of pauses) paused.set({ provider }, until.getTime() / 1_000);
}

function tellLateStarts(registry: Registry, late: readonly LateStarts[]): void {
  const waiting = gauge(
    registry,
    'waiting_start_timestamp_seconds',
    'While a start of serve waits for a worker: when the oldest such start of the job was due, since the epoch.',
    ['job_name'],
  );
  const missed = gauge(
    registry,
    'last_missed_start_timestamp_seconds',
    'When the last start of the job was due that serve did not make in its window, since the epoch.',
    ['job_name'],
  );
  for (const { job, waiting_since: since, missed_at: missedAt } of late) {
    if (since !== null) waiting.set({ job_name: job }, since.getTime() / 1_000);
    if (missedAt !== null) missed.set({ job_name: job }, missedAt.getTime() / 1_000);
  }
}
