import { z } from 'zod';
import { rowClasses, type RowClass } from '../../domain/class.ts';
import type { Summary } from '../../report/summary.ts';

const count = z.int().min(0);
const seconds = z.number().min(0);

/** What a start's runs came to, all lists together; kept in the ledger. */
const startFiguresSchema = z.object({
  rows: z.partialRecord(z.enum(rowClasses), count),
  calls: z.object({ register: count, plans: count }),
  /** Of the answered calls; null: none was answered. */
  latencySeconds: z.object({ p50: seconds, p90: seconds, p99: seconds }).nullable(),
  /** Null: nothing but a day is limited. */
  allowedPerSecond: seconds.nullable(),
  usedPerSecond: seconds,
  nightsUsedUp: count,
  /** Since when the record that has failed for the longest has its class; null: none fails. */
  oldestOpenAt: z.iso.datetime().nullable(),
});

export type StartFigures = Readonly<z.infer<typeof startFiguresSchema>>;

/** Null: none were kept, or another version of the program has written them. */
export function parseStartFigures(kept: unknown): StartFigures | null {
  return startFiguresSchema.safeParse(kept).data ?? null;
}

/** Null where the start had no run. Latency and speed are those of the run in which they were highest. */
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
