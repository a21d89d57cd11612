import type { JobShare, JobShares } from '../../ledger/runs/allowance-table.ts';
import { partOf, type WaitingJob } from './permit-division.ts';

/** A share ends after so long without an answer of the ledger. */
export const SHARE_MS = 5_000;
/** By then calls that left at a share's last moment have arrived, with seconds to spare. */
const GRACE_MS = 2_000;
/**
 * Permits that can't be divided go around: each job that wants them has them for so long, or for two windows if longer.
 */
const TURN_MS = 2_000;

/** What other processes need to know about a gate to share the limits with it. */
export interface ShareDemand {
  /** True where a call had to wait for its permit since the last request. */
  readonly wants: boolean;
  /** Which part of the rate is used while the provider is in trouble. */
  readonly fraction: number;
}

export interface ShareRequest extends ShareDemand {
  readonly job: string;
  /** Of its run. */
  readonly rows: number;
  readonly windows: readonly WindowRequest[];
  /**
   * True where the job can't call for a while and has no permit out. It gets no permits, and its limits bind nobody.
   */
  readonly isResting: boolean;
  /** Null: this job names no limit by the day. */
  readonly dayCount: number | null;
}

export interface WindowRequest {
  readonly windowMs: number;
  /** Infinity: this job names no limit. */
  readonly count: number;
  /** Permits under way or on their way back. */
  readonly out: number;
}

/** Permits a job may use of each of its windows, until it asks again. */
export interface ShareDecision {
  readonly allowed: readonly number[];
  /**
   * The lowest limit by the day that a live job names; null: none does. Infinity: only jobs that rest, which find their
   * day's calls counted when they come back.
   */
  readonly dayCount: number | null;
  /** True where permits of other jobs are counted beside ours. */
  readonly isShared: boolean;
}

/**
 * Decides how many permits of each window a job may use. No two jobs hold the same permit: a job may take what the
 * limit leaves beside all that others hold, and the others release only permits that have come back. So no window
 * exceeds the limit over all processes together, whatever stops or stalls one of them. Jobs that wait for permits get
 * equal parts, or short ones a little more (`partOf`); a job that does not wait keeps what it uses. Where jobs name different limits, the lowest holds for all
 * of them. A resting job binds nobody by its own limit; when it comes back, it gets nothing until the others hold no
 * more than its limit leaves.
 */
export function decideShare(shares: JobShares, request: ShareRequest, now: number): ShareDecision {
  const others = Object.entries(shares).filter(([job]) => job !== request.job);
  const allowed = request.windows.map((window) =>
    request.isResting ? 0 : allowedOf(window, others, request, now),
  );
  return {
    allowed,
    dayCount: dayCountOf([...liveOf(others, now).map(([, share]) => share), request]),
    isShared: others.some(([, share]) => share.seenAt > now - SHARE_MS - GRACE_MS - 60_000),
  };
}

function dayCountOf(live: readonly Pick<ShareRequest, 'dayCount' | 'isResting'>[]): number | null {
  const named = live.filter(({ dayCount }) => dayCount !== null);
  if (named.length === 0) return null;
  return Math.min(...named.map(({ dayCount, isResting }) => (isResting ? null : dayCount) ?? Infinity));
}

/** Another job's limit, lower than all this one names. */
export interface BindingLimit {
  readonly job: string;
  readonly count: number;
  /** Null: by the day. */
  readonly windowMs: number | null;
}

/** Finds the limits of other jobs that keep this job below its own. */
export function findBindingLimits(
  shares: JobShares,
  request: Pick<ShareRequest, 'job' | 'windows' | 'dayCount'>,
  now: number,
): readonly BindingLimit[] {
  const others = Object.entries(shares).filter(([job, share]) => job !== request.job && !share.isResting);
  const ownRate = Math.min(...request.windows.map(({ count, windowMs }) => count / windowMs));
  const ownDay = request.dayCount ?? Infinity;
  return liveOf(others, now).flatMap(([job, share]) => {
    const windows = share.windows.flatMap(({ count, windowMs }): BindingLimit[] =>
      count !== null && count / windowMs < ownRate ? [{ job, count, windowMs }] : [],
    );
    const { dayCount } = share;
    return dayCount !== null && dayCount < ownDay
      ? windows.concat({ job, count: dayCount, windowMs: null })
      : windows;
  });
}

/** Drops the shares whose last permit came back long ago. */
export function withShare(
  shares: JobShares,
  request: ShareRequest,
  allowed: readonly number[],
  seenAt: number,
): JobShares {
  const kept = Object.entries(shares).filter(([, share]) =>
    share.windows.some(({ windowMs }) => isCounted(share, windowMs, seenAt)),
  );
  const unlimited = mostInAShare(request.windows, allowed);
  const windows = request.windows.map(({ windowMs, count, out }, at) => {
    const most = allowed[at] ?? 0;
    return {
      windowMs,
      count: Number.isFinite(count) ? count : null,
      held: Number.isFinite(most) ? Math.max(most, out) : out + unlimited,
    };
  });
  const { rows, wants, isResting, fraction, dayCount } = request;
  const share = { seenAt, windows, rows, wants, isResting, fraction, dayCount };
  return { ...Object.fromEntries(kept), [request.job]: share };
}

/** Permits of a finished job that are still inside their window; they stay reserved until it has passed. */
export function withEnd(shares: JobShares, request: ShareRequest, now: number): JobShares {
  const ended = { ...request, wants: false, isResting: false };
  return withShare(
    shares,
    ended,
    request.windows.map(() => 0),
    now - SHARE_MS,
  );
}

/** Permits a job may take, until it asks again or its share ends, of a window that no job limits yet. */
function mostInAShare(windows: readonly WindowRequest[], allowed: readonly number[]): number {
  const most = windows.map(
    ({ windowMs, out }, at) => Math.max(allowed[at] ?? 0, out) * (Math.floor(SHARE_MS / windowMs) + 1),
  );
  const least = Math.min(...most);
  return Number.isFinite(least) ? least : 0;
}

type Others = readonly (readonly [job: string, share: JobShare])[];

function allowedOf(window: WindowRequest, others: Others, request: ShareRequest, now: number): number {
  const live = liveOf(others, now);
  const limit = Math.min(window.count, ...live.map(([, share]) => limitOf(share, window.windowMs)));
  if (limit === Infinity) return Infinity;
  const counted = others.filter(([, share]) => isCounted(share, window.windowMs, now));
  const held = sum(counted.map(([, share]) => heldOf(share, window.windowMs)));
  const wanting = live.filter(([, share]) => share.wants);
  const content = counted.filter((other) => !wanting.includes(other));
  const slowest = Math.min(request.fraction, ...live.map(([, share]) => share.fraction));
  const target = targetOf(window, request, {
    permits: Math.max(1, Math.floor(limit * slowest)),
    wanting: wanting.map(([job, { rows }]) => ({ job, rows })),
    usedByContent: sum(content.map(([, share]) => usedOf(share, window.windowMs))),
    now,
  });
  // While a job is slowed, its own gate leaves a part of its permits unused; still no other job holds them.
  return Math.max(0, Math.min(Math.ceil(target / request.fraction), limit - held));
}

/** The permits to divide: those that all jobs use together at the slowest job's part of the rate. */
interface Division {
  readonly permits: number;
  /** Jobs other than ours that wait for permits. */
  readonly wanting: readonly WaitingJob[];
  /** Permits that jobs which do not wait for more use. */
  readonly usedByContent: number;
  readonly now: number;
}

function targetOf(window: WindowRequest, request: ShareRequest, division: Division): number {
  const { permits, wanting, usedByContent, now } = division;
  if (wanting.length > 0 && !request.wants) return window.out + (permits > wanting.length ? 1 : 0);
  const pool = Math.max(0, permits - usedByContent);
  const turn = Math.floor(now / Math.max(TURN_MS, 2 * window.windowMs));
  return partOf(request.job, [...wanting, request], pool, turn);
}

function liveOf(others: Others, now: number): Others {
  return others.filter(([, share]) => share.seenAt > now - SHARE_MS);
}

function isCounted(share: JobShare, windowMs: number, now: number): boolean {
  return share.seenAt > now - SHARE_MS - GRACE_MS - windowMs;
}

function limitOf(share: JobShare, windowMs: number): number {
  if (share.isResting) return Infinity;
  return share.windows.find((window) => window.windowMs === windowMs)?.count ?? Infinity;
}

function heldOf(share: JobShare, windowMs: number): number {
  return share.windows.find((window) => window.windowMs === windowMs)?.held ?? 0;
}

/** What a job's own gate uses of the permits it holds. */
function usedOf(share: JobShare, windowMs: number): number {
  const held = heldOf(share, windowMs);
  return Math.min(held, Math.max(1, Math.floor(held * share.fraction)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
