import type { Configuration } from '../config/configuration.ts';
import type { ConfiguredList } from '../config/configured-list.ts';
import type { Clock } from '../domain/clock.ts';
import type { ClassCounts } from '../domain/control-totals.ts';
import { nightOf } from '../domain/night.ts';
import { openList } from '../intake/open-list.ts';
import type { OpenedList } from '../intake/opened-list.ts';
import type { Ledger, Queryable } from '../ledger/ledger-port.ts';
import { countClasses, countDueRows } from '../ledger/runs/list-row-table.ts';
import { markDisputed, markDuplicates } from '../ledger/runs/planning.ts';
import {
  compareWithLast,
  countDueHistory,
  countRejections,
  countShadowRows,
  findLastListRun,
  readFirstRejected,
  shadowListTables,
  type DueHistory,
  type ListDifference,
  type RejectedLine,
  type RejectionCount,
} from '../ledger/runs/preview.ts';
import {
  createRun,
  findFinishedRun,
  findUnfinishedRun,
  type FinishedRun,
  type RunKind,
  type RunRow,
} from '../ledger/runs/run-table.ts';
import { isSameWork, isTonightsWork } from './start/begin-run.ts';
import { createCanary } from './calling/canary-claims.ts';
import { guardsInForce } from './calling/guards-in-force.ts';
import { describeList, type ListRead } from './list-facts.ts';
import { locationOf } from './start/list-location.ts';
import { type ListSize, weighList } from './start/list-size-guard.ts';
import { settleKnown } from './start/plan-run.ts';
import { stageSets } from './start/stage-sets.ts';
import { timeNeeded, type TimeNeeded } from './time-needed.ts';

/** What a run of this list would do, were it started now. Nothing was called and nothing is kept. */
export interface ListPlan extends TimeNeeded {
  readonly list: ListRead;
  /** SHA-256 of the content. */
  readonly sha256: string;
  /** Rows by class as they would stand before the first call; those to be called are `unprocessed`. */
  readonly classes: ClassCounts;
  readonly rejections: readonly RejectionCount[];
  readonly firstRejected: readonly RejectedLine[];
  /** Rows to be called; each takes one call at least. */
  readonly due: number;
  readonly dueHistory: DueHistory;
  /** Against the job's last list; null where there is none. */
  readonly difference: (ListDifference & { readonly runId: string }) | null;
  readonly size: ListSize;
  /** What a run of it would be stopped by; a canary of 0: none. */
  readonly guards: ReturnType<typeof guardsInForce>;
  /** The run of the same content that came to its end; null: there is none. */
  readonly finishedBefore: FinishedRun | null;
  /** The unfinished run that would be continued instead of beginning anew; null: none. */
  readonly continues: string | null;
}

interface PlanEnvironment {
  readonly ledger: Ledger;
  readonly configuration: Configuration;
  readonly clock: Clock;
}

const REJECTIONS_SHOWN = 5;

/** Throws what a run would throw for a list that can't be read. `beginsAt`: when its turn comes among several lists. */
export async function planList(
  environment: PlanEnvironment,
  source: ConfiguredList,
  beginsAt: Date,
): Promise<ListPlan> {
  const { ledger, configuration } = environment;
  const list = await openList(locationOf(source), configuration.listOptions);
  const key = { job: configuration.job, provider: configuration.providerName };
  const last = await findLastListRun(ledger, key);
  const unfinished = await findUnfinishedRun(ledger, configuration.job);
  const staged = await ledger.transaction(async (transaction) => {
    await shadowListTables(transaction, last?.runNo ?? null);
    const run = await stageShadow(transaction, environment, list);
    await classifyShadow(transaction, run, configuration);
    return {
      classes: await countClasses(transaction, run.run_no),
      rejections: await countRejections(transaction, run.run_no),
      firstRejected: await readFirstRejected(transaction, run.run_no, REJECTIONS_SHOWN),
      due: await countDueRows(transaction, run.run_no),
      dueHistory: await countDueHistory(transaction, run.run_no, run.provider),
      difference:
        last === null ? null : { ...(await compareWithLast(transaction, run.run_no)), runId: last.id },
    };
  });
  const sha256 = list.sha256();
  return {
    list: describeList(list),
    sha256,
    ...staged,
    ...timeNeeded(configuration, { due: staged.due, beginsAt, now: environment.clock.now() }),
    size: await weighList(ledger, configuration, list),
    guards: guardsOf(kindOf(list), staged.due, configuration),
    finishedBefore: await findFinishedRun(ledger, key, sha256),
    continues:
      unfinished !== null && wouldContinue(environment, unfinished, source, sha256) ? unfinished.id : null,
  };
}

function guardsOf(kind: RunKind, due: number, configuration: Configuration): ListPlan['guards'] {
  const guards = guardsInForce(kind, configuration.guards);
  return { ...guards, canary: createCanary(guards.canary, { due, found: null })?.size ?? 0 };
}

function kindOf(list: OpenedList): RunKind {
  return list.handedBack ? 'handed_back' : 'list';
}

function wouldContinue(
  { configuration, clock }: PlanEnvironment,
  unfinished: RunRow,
  source: ConfiguredList,
  sha256: string,
): boolean {
  return source.kind === 'postgres'
    ? isTonightsWork(unfinished, sha256, configuration, clock.now())
    : isSameWork(unfinished, sha256, configuration);
}

async function stageShadow(
  transaction: Queryable,
  { configuration, clock }: PlanEnvironment,
  list: OpenedList,
): Promise<RunRow> {
  const startedAt = clock.now();
  const run = await createRun(transaction, {
    id: 'plan',
    job: configuration.job,
    provider: configuration.providerName,
    kind: kindOf(list),
    night: nightOf(startedAt, configuration.timeZone),
    listName: list.name,
    content: 'plan',
    again: configuration.flags.again,
    settings: configuration.settings,
    startedAt,
  });
  const lease = { runNo: run.run_no, epoch: run.epoch };
  await stageSets(transaction, lease, list.rows());
  return run;
}

/** As a run's plan does, but for the records, which are only looked up. */
async function classifyShadow(transaction: Queryable, run: RunRow, { retry }: Configuration): Promise<void> {
  await countShadowRows(transaction);
  await markDuplicates(transaction, run.run_no);
  await markDisputed(transaction, run.run_no);
  await settleKnown(transaction, run, retry.nights);
}
