import { z } from 'zod';
import { ageBuckets } from '../../domain/reconciliation/break.ts';
import { callClasses, rowClasses } from '../../domain/class.ts';
import { totalsCheckNames, type TotalsCheck } from '../../domain/control-totals.ts';
import type { NightDifference } from '../../domain/night-difference.ts';
import { neededActors, type Work } from '../../domain/work.ts';
import type { Queryable } from '../ledger-port.ts';
import type { RunRow } from '../runs/run-table.ts';

const count = z.int().min(0);

const storedChecks = z
  .array(
    z.object({
      name: z.enum(totalsCheckNames),
      class: z.enum(rowClasses).nullable(),
      expected: count,
      found: count,
    }),
  )
  .readonly();

/** Versions before the work was kept too stored the checks alone. */
const storedTotals = z.union([
  storedChecks,
  z.object({ checks: storedChecks }).transform(({ checks }) => checks),
]);

const storedWork = z.object({
  work: z
    .array(
      z.object({
        class: z.enum(rowClasses),
        actor: z.enum(['nobody', ...neededActors]),
        rows: count,
        nightsUsedUp: z.boolean(),
        isSettled: z.boolean(),
      }),
    )
    .readonly(),
});

const storedDifference = z.object({
  comparedWith: z.object({ runId: z.string(), night: z.string() }).nullable(),
  added: count,
  gone: count,
  parChanged: count,
  newlyFailing: count,
  cured: count,
  stillFailing: z.array(z.object({ nights: z.int().min(1), records: z.int().min(1) })).readonly(),
  failing: z
    .array(
      z.object({
        class: z.enum(callClasses),
        code: z.string().nullable(),
        ages: z.record(z.enum(ageBuckets), count),
      }),
    )
    .readonly()
    .nullable()
    .default(null),
});

/**
 * Reads the equations as they were proved at the run's end, whatever became of the ledger since. Null where the run has
 * no end, or another version of the program ended it.
 */
export function readStoredTotals(run: Pick<RunRow, 'control_totals'>): readonly TotalsCheck[] | null {
  const stored = storedTotals.safeParse(run.control_totals);
  return stored.success ? stored.data : null;
}

/**
 * Reads who had to act on how many rows of each class at the run's end. Null where the run has no end, or another
 * version of the program ended it.
 */
export function readStoredWork(run: Pick<RunRow, 'control_totals'>): readonly Work[] | null {
  const stored = storedWork.safeParse(run.control_totals);
  return stored.success ? stored.data.work : null;
}

/**
 * Reads how the run differed from the night before, as of its end. Null where nothing was compared: for a retry, a
 * handed-back list, a stopped or superseded run, and one that another version of the program ended. A first night was
 * compared and has a `comparedWith` of null.
 */
export function readStoredDifference(run: Pick<RunRow, 'night_difference'>): NightDifference | null {
  const stored = storedDifference.safeParse(run.night_difference);
  return stored.success ? stored.data : null;
}

/** What a run's report needs besides its rows. */
export interface RunProofs {
  readonly totals: readonly TotalsCheck[];
  readonly work: readonly Work[];
  /** Null: not compared. */
  readonly difference: NightDifference | null;
}

export async function noteProofs(on: Queryable, runNo: number, proofs: RunProofs): Promise<void> {
  await on.query(
    'update run set control_totals = $2::jsonb, night_difference = $3::jsonb where run_no = $1',
    [
      runNo,
      JSON.stringify({ checks: proofs.totals, work: proofs.work }),
      proofs.difference === null ? null : JSON.stringify(proofs.difference),
    ],
  );
}
