import { z } from 'zod';
import { rowClasses, type RowClass } from '../../domain/class.ts';
import type { Summary } from '../../report/summary.ts';

const count = z.int().min(0);
const seconds = z.number().min(0);

/** The figures of a start's runs, all lists together; kept in the ledger. */
const startFiguresSchema = z.object({
  rows: z.partialRecord(z.enum(rowClasses), count),
  calls: z.object({ register: count, plans: count }),
  /** Latency of the answered calls; null: none was answered. */
  latencySeconds: z.object({ p50: seconds, p90: seconds, p99: seconds }).nullable(),
  /** Null: only a day is limited. */
  allowedPerSecond: seconds.nullable(),
  usedPerSecond: seconds,
  nightsUsedUp: count,
  /** Since when the longest-failing record has had its class; null: none fails. */
  oldestOpenAt: z.iso.datetime().nullable(),
});

export type StartFigures = Readonly<z.infer<typeof startFiguresSchema>>;

/** Returns null where no figures were kept, or another version of the program wrote them. */
export function parseStartFigures(kept: unknown): StartFigures | null {
  return startFiguresSchema.safeParse(kept).data ?? null;
}

/**
 * Adds the figures up; null where the start had no run. Latency and speed are those of the run in which they were
 * highest.
 */
export function addUpFigures(
  summaries: readonly Summary[],
  limits: { readonly allowedPerSecond: number; readonly oldestOpenAt: Date | null },
): StartFigures | null {
  if (summaries.length === 0) return null;
  const sum = (of: (summary: Summary) => number): number =>
    summaries.reduce((total, summary) => total + of(summary), 0);
  return {
    rows: Object.fromEntries(
      rowClasses.map((name): [RowClass, number] => [name, sum(({ classes }) => classes[name])]),
    ),
    calls: { register: sum(({ calls }) => calls), plans: sum(({ inquiries }) => inquiries) },
    latencySeconds: slowest(summaries),
    allowedPerSecond: Number.isFinite(limits.allowedPerSecond) ? limits.allowedPerSecond : null,
    usedPerSecond: Math.max(...summaries.map(({ rate }) => rate.used)),
    nightsUsedUp: sum(({ nightsUsedUp }) => nightsUsedUp),
    oldestOpenAt: limits.oldestOpenAt?.toISOString() ?? null,
  };
}

function slowest(summaries: readonly Summary[]): StartFigures['latencySeconds'] {
  const highest = (of: 'p50' | 'p90' | 'p99'): number =>
    Math.max(...summaries.map(({ latencyMs }) => latencyMs[of] ?? -1)) / 1_000;
  const latency = { p50: highest('p50'), p90: highest('p90'), p99: highest('p99') };
  return latency.p50 < 0 ? null : latency;
}
