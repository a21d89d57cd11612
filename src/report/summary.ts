import { z } from 'zod';
import { rowClasses } from '../domain/class.ts';
import { exitCauses } from '../domain/exit-cause.ts';
import { classGivers } from '../domain/provider-code.ts';
import { runStates } from '../domain/run-state.ts';
import { agrees, sumOfClasses, totalsCheckNames } from '../domain/control-totals.ts';
import { maskIdsInText } from '../domain/identity/masking.ts';
import {
  readAttemptFigures,
  readCallRate,
  readTimeLost,
  type AttemptFigures,
} from '../ledger/runs/attempt-table.ts';
import type { Queryable } from '../ledger/ledger-port.ts';
import type { RunRow } from '../ledger/runs/run-table.ts';
import { readStoredDifference, readStoredTotals } from '../ledger/proofs/stored-proofs.ts';
import { neededActors } from '../domain/work.ts';
import type { RowFigures } from '../ledger/proofs/row-groups.ts';
import { countSameListNights } from '../ledger/proofs/same-list.ts';
import { readPausesOfRun, type ProviderPause } from '../ledger/pause-table.ts';
import { bottlenecks, findBottleneck } from './bottleneck.ts';
import { describeDifference, nightFields } from './night-fields.ts';
import { measureStretches, pacedOf, perSecondOf } from './measured-stretches.ts';
import { readLimits } from './run-limits.ts';
import { actorOfEnd, decideVerdict, verdictKinds } from './verdict.ts';

const count = z.int().min(0);
const time = z.iso.datetime();
const latency = z.number().min(0).nullable();

/** Schema of summary.json. The order of the keys is their order in the file. */
export const summarySchema = z.object({
  schemaVersion: z.literal(1),
  runId: z.string(),
  job: z.string(),
  provider: z.string(),
  programVersion: z
    .string()
    .nullable()
    .describe('version of kona-enroll that ran it last; null: that version did not record it'),
  list: z.object({
    name: z.string(),
    sha256: z
      .string()
      .nullable()
      .describe('SHA-256 of the file, or of the staged rows; null where the list is the ledger (retry)'),
    rowsRead: count.nullable().describe('null: the list was never read to its end'),
  }),
  state: z.enum(runStates),
  exitCode: z.int().nullable().describe('null while the run has no end'),
  exitCause: z
    .enum(exitCauses)
    .nullable()
    .describe(
      'why, in one word: it decides whether to do nothing, wait for the next start, look today, or wake somebody; null while the run has no end, or where an older program ended it and its code does not tell',
    ),
  exitReason: z.string().nullable(),
  totalsAgree: z.boolean().describe('rows read = sum of the classes, and every other control total'),
  controlTotals: z
    .array(
      z.object({
        name: z.enum(totalsCheckNames),
        class: z.enum(rowClasses).nullable().describe('the class it is about; null: all of them'),
        expected: count,
        found: count,
        agrees: z.boolean(),
      }),
    )
    .nullable()
    .describe(
      "every equation as it was proved at the run's finish; null: it has none, or an older program ended it",
    ),
  ...nightFields,
  classes: z
    .record(z.enum(rowClasses), count)
    .describe('rows by class; every class is there, even with 0 rows'),
  resolved: count.describe(
    'rows of the classes above whose record a person has settled: nobody must act on them',
  ),
  verdict: z
    .object({
      kind: z.enum(verdictKinds),
      rows: count,
      enrolledNow: count,
      enrolledBefore: count,
      needSomebody: count,
      comeAgain: count,
      notCalled: count,
      settled: count,
      duplicates: count,
    })
    .describe('how it went in one word, and where the rows stand: each row is in exactly one of the figures'),
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
    .describe('who must act on how many rows of each class that has rows'),
  nightsUsedUp: count.describe(
    'rows whose nights were used up tonight: called as often as retry.nights allows, from now on operations must act on them; they are in nights-used-up.csv',
  ),
  sameListNights: count.describe(
    'nights running, this one counted, on which a list of the job held the same rows: from 3 on its export may not have been renewed; 0: no list, or an empty one',
  ),
  actorOfEnd: z
    .enum(neededActors)
    .nullable()
    .describe(
      'who must act because of how the run ended, whatever became of its rows; null: nobody beyond `work`',
    ),
  codes: z.record(z.string(), count).describe("rows by the provider's code that stands on them"),
  givenClasses: z
    .array(
      z.object({
        by: z.enum(classGivers),
        code: z.string().nullable().describe('that stands on the rows; null: none'),
        class: z.enum(rowClasses),
        rows: count,
      }),
    )
    .describe(
      "rows whose class did not come from the built-in table. job_file: of the job file's `outcomes`; former_rule: held as success by `outcomes` of an older version, for a code that the provider documents as a failure",
    ),
  calls: count.describe('number of calls that register, including `lostCalls`'),
  lostCalls: count.describe(
    'of the calls, those marked as sent by a process that died: they may not have left, and are in no window below',
  ),
  retries: count.describe('calls beyond the first of each record'),
  inquiries: count.describe("calls that ask for a member's plans; they count towards the rate as well"),
  startedAt: time,
  finishedAt: time.nullable(),
  rate: z.object({
    allowed: z
      .string()
      .describe(
        'such as 20/s, or several: 20/s, 600/min, 100000/day; of a run that was continued under others: 50/s, then 10/s',
      ),
    used: z
      .number()
      .min(0)
      .describe('calls per second; stretches of more than a minute without a call are left out'),
    fullestWindow: count.describe('most calls that left in any one window of the first limit below'),
    windows: z
      .array(z.object({ limit: z.string(), fullest: count }))
      .describe(
        'each limit by the second or the minute, and the most calls that left in any one window of it',
      ),
    limitedBy: z
      .enum(bottlenecks)
      .nullable()
      .describe(
        'what kept the run from being faster: the rate; the concurrency, all slots full of calls under way; the provider, by refusals (429, 503), silence (no answer) or an outage (refused connections, 5xx), or a pause by a person, whichever took most of the time; us. null: too few calls to tell',
      ),
    pauses: z
      .array(z.object({ from: time, until: time, by: z.string(), note: z.string().nullable() }))
      .optional()
      .describe(
        'while the run was unfinished, a person had every process hold its calls to the provider: when, who, and why. Left out where nobody did',
      ),
    concurrencyLearnt: z
      .int()
      .min(1)
      .optional()
      .describe(
        'the most calls at once that the provider was found to bear: limits.concurrency at this value would do. Left out where no such limit was found',
      ),
  }),
  latencyMs: z.object({ p50: latency, p90: latency, p99: latency }).describe('of the answered calls'),
});

export type Summary = Readonly<z.infer<typeof summarySchema>>;

/** Reads rows by class and the exit code from a summary.json; null where the text is none of ours. */
export function parseSummaryFigures(text: string): Pick<Summary, 'classes' | 'exitCode'> | null {
  try {
    return summarySchema.pick({ classes: true, exitCode: true }).safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export interface SummaryOptions {
  readonly run: RunRow;
  readonly rows: RowFigures;
  /** The state that the run will have once its folder is written. */
  readonly state: RunRow['state'];
  readonly totalsAgree: boolean;
}

/** Returns a run in figures, from the ledger alone. It contains no ids. */
export async function createSummary(on: Queryable, options: SummaryOptions): Promise<Summary> {
  const { run, rows } = options;
  const figures = await readAttemptFigures(on, run.run_no);
  return {
    schemaVersion: 1,
    runId: run.id,
    job: run.job,
    provider: run.provider,
    programVersion: run.program_version,
    list: {
      name: run.list_name,
      sha256: run.kind === 'retry' ? null : run.content,
      rowsRead: run.rows_read,
    },
    state: options.state,
    exitCode: run.exit_code,
    exitCause: run.exit_cause,
    exitReason: run.exit_reason === null ? null : maskIdsInText(run.exit_reason),
    totalsAgree: options.totalsAgree,
    controlTotals: describeTotals(run),
    difference: describeDifference(run),
    failing: readStoredDifference(run)?.failing ?? null,
    classes: rows.classes,
    resolved: sumOfClasses(rows.resolved),
    verdict: decideVerdict({ ...options, ...rows, rowsRead: run.rows_read }),
    work: [...rows.work],
    nightsUsedUp: rows.nightsUsedUp,
    sameListNights: await countSameListNights(on, run),
    actorOfEnd: actorOfEnd(run.exit_cause),
    codes: rows.codes,
    givenClasses: [...rows.givenClasses],
    calls: figures.calls,
    lostCalls: figures.lost,
    retries: figures.retries,
    inquiries: figures.inquiries,
    startedAt: run.started_at.toISOString(),
    finishedAt: run.finished_at?.toISOString() ?? null,
    rate: await describeRate(on, run, figures),
    latencyMs: { p50: figures.p50, p90: figures.p90, p99: figures.p99 },
  };
}

/** Returns the control totals as JSON. */
function describeTotals(run: RunRow): Summary['controlTotals'] {
  return (
    readStoredTotals(run)?.map((check) => {
      const { name, class: ofClass, expected, found } = check;
      return { name, class: ofClass, expected, found, agrees: agrees(check) };
    }) ?? null
  );
}

async function describeRate(
  on: Queryable,
  run: RunRow,
  { calls, inquiries }: AttemptFigures,
): Promise<Summary['rate']> {
  const { rates, burst, concurrency } = readLimits(run.settings);
  const paced = pacedOf(rates);
  const stretches = await measureStretches(on, run);
  const shortestMs = paced[0]?.windowMs ?? 1_000;
  // Nothing spreads the calls where only a day is limited.
  const lastMs = paced.length === 0 ? shortestMs : Math.min(shortestMs, (burst * 1_000) / perSecondOf(paced));
  const { perSecond, inFlight } = await readCallRate(on, run.run_no, { lastMs, leastMs: shortestMs });
  const pauses = await readPausesOfRun(on, run.run_no);
  const limitedBy = findBottleneck({
    calls: calls + inquiries,
    lost: await readTimeLost(on, run.run_no, 1 / stretches.allowedPerSecond),
    inFlight,
    allowedPerSecond: stretches.allowedPerSecond,
    allowedAtOnce: Math.min(...paced.map(({ count: most }) => most)),
    concurrency,
  });
  return {
    allowed: stretches.allowed,
    used: roundTo(perSecond, 100),
    fullestWindow: stretches.fullest,
    windows: [...stretches.windows],
    limitedBy,
    ...(pauses.length === 0 ? {} : { pauses: pauses.map(describePause) }),
    ...(run.learnt_at_once === null ? {} : { concurrencyLearnt: run.learnt_at_once }),
  };
}

function describePause({ from, until, by, note }: ProviderPause) {
  return {
    from: from.toISOString(),
    until: until.toISOString(),
    by,
    note: note === null ? null : maskIdsInText(note),
  };
}

function roundTo(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
