import type { JobShare, JobShares } from '../../ledger/runs/allowance-table.ts';

/** A share is used no longer than this without word from the ledger. */
export const SHARE_MS = 5_000;
/** Calls that left at a share's last instant are there by then, with seconds to spare. */
const GRACE_MS = 2_000;
/** Permits that can't be divided go around: each wanting job has them for so long, or for two windows if that is more. */
const TURN_MS = 2_000;

/** What other processes have to know of a gate to share the limits with it. */
export interface ShareDemand {
  /** A call had to wait for its permit since this was asked last. */
  readonly wants: boolean;
  /** Which part of the rate is used while the provider is in trouble. */
  readonly fraction: number;
}

export interface ShareRequest extends ShareDemand {
  readonly job: string;
  readonly windows: readonly WindowRequest[];
  /** It can't call for a while and has nothing out: it is allowed nothing, and its limits bind nobody. */
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
  /** Other jobs' permits are counted beside ours. */
  readonly isShared: boolean;
}

/**
 * How many permits of each window are a job's. No permit is in two hands: a job may take what the limit leaves beside
 * all that others hold, and they let go only of what has come back, so that no window is above the limit over all
 * processes together, whatever stops or stalls one of them. Jobs that wait for permits get equal parts; one that does
 * not keeps what it uses. Where jobs name different limits the lowest holds for all of them. One that rests binds nobody
 * by its own; when it comes back it is allowed nothing until the others hold no more than its limit leaves.
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

/** What keeps a job below its own limits while others call. */
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

/** Shares by now: without those whose last permit has come back long ago. */
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
  const { wants, isResting, fraction, dayCount } = request;
  const share = { seenAt, windows, wants, isResting, fraction, dayCount };
  return { ...Object.fromEntries(kept), [request.job]: share };
}

/** What is left of a share whose job has ended: permits on their way back, which nobody may use before. */
export function withEnd(shares: JobShares, request: ShareRequest, now: number): JobShares {
  const ended = { ...request, wants: false, isResting: false };
  return withShare(
    shares,
    ended,
    request.windows.map(() => 0),
    now - SHARE_MS,
  );
}

/** What a job may take, until it asks again or its share ends, of a window that nobody limits yet. */
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
    wanting: wanting.map(([job]) => job),
    usedByContent: sum(content.map(([, share]) => usedOf(share, window.windowMs))),
    now,
  });
  // Of its permits a job's own gate leaves a part unused while it is slowed, but none of them is in two hands.
  return Math.max(0, Math.min(Math.ceil(target / request.fraction), limit - held));
}

/** What is divided is what all use together at the slowest job's part of the rate. */
interface Division {
  readonly permits: number;
  /** Jobs other than ours that wait for permits. */
  readonly wanting: readonly string[];
  /** Permits that jobs which do not wait for more use. */
  readonly usedByContent: number;
  readonly now: number;
}

function targetOf(window: WindowRequest, request: ShareRequest, division: Division): number {
  const { permits, wanting, usedByContent, now } = division;
  if (wanting.length > 0 && !request.wants) return window.out + (permits > wanting.length ? 1 : 0);
  const jobs = [...wanting, request.job].toSorted((a, b) => (a < b ? -1 : 1));
  const pool = Math.max(0, permits - usedByContent);
  const turn = Math.floor(now / Math.max(TURN_MS, 2 * window.windowMs));
  const place = (jobs.indexOf(request.job) + turn) % jobs.length;
  return Math.floor(pool / jobs.length) + (place < pool % jobs.length ? 1 : 0);
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
