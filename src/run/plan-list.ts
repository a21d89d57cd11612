import type { Configuration } from '../config/configuration.ts';
import type { ConfiguredList } from '../config/configured-list.ts';
import type { Clock } from '../domain/clock.ts';
import type { ClassCounts } from '../domain/control-totals.ts';
import { endBy } from '../domain/exit-cause.ts';
import { maskIdsInText } from '../domain/identity/masking.ts';
import { nightOf } from '../domain/night.ts';
import { ListRefusedError } from '../intake/list-errors.ts';
import { openList } from '../intake/open-list.ts';
import type { OpenedList } from '../intake/opened-list.ts';
import type { Ledger, Queryable } from '../ledger/ledger-port.ts';
import { countRowsNow, deleteRows } from '../ledger/runs/list-row-table.ts';
import { markRepeated } from '../ledger/runs/planning.ts';
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
  findRun,
  findUnfinishedRun,
  type FinishedRun,
  type RunKind,
  type RunRow,
} from '../ledger/runs/run-table.ts';
import { isSameRequest, isTonightsRequest } from './start/begin-run.ts';
import { createCanary } from './calling/run-claims.ts';
import { guardsInForce } from './calling/guards-in-force.ts';
import { describeList, type ListRead } from './list-facts.ts';
import { locationOf } from './start/list-location.ts';
import { type ListSize, weighList } from './start/list-size-guard.ts';
import { settleKnown } from './start/plan-run.ts';
import { stageSets } from './start/stage-sets.ts';
import type { RefusedList } from './run-environment.ts';
import { assertCards, findManyCards, type ManyCards } from './start/member-cards-guard.ts';
import { timeNeeded, type TimeNeeded } from './time-needed.ts';

/** What a run of this list would do if it started now. Planning calls nobody and keeps nothing. */
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
  /** The difference from the job's last list; null where there is none. */
  readonly difference: (ListDifference & { readonly runId: string }) | null;
  readonly size: ListSize;
  /** The guards that would stop a run; a canary of 0: no canary. */
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
  /** Of the rejected rows so many are shown, the first of the list. */
  readonly rejectionsShown?: number;
}

const REJECTIONS_SHOWN = 5;

export type PlannedList = { readonly kind: 'planned'; readonly plan: ListPlan } | RefusedList;

/**
 * Plans the lists of one start; they dispute each other's PARs as in a run. Rejects as a run does: one refused list
 * among several is told among the results, and a refused list that is the only one rejects with ListRefusedError.
 */
export async function planLists(
  environment: PlanEnvironment,
  sources: readonly ConfiguredList[],
): Promise<PlannedList[]> {
  const { ledger, configuration, clock, rejectionsShown: shown = REJECTIONS_SHOWN } = environment;
  const key = { job: configuration.job, provider: configuration.providerName };
  const last = await findLastListRun(ledger, key);
  const unfinished = await findUnfinishedRun(ledger, configuration.job);
  const staged = await ledger.transaction(async (transaction) => {
    await shadowListTables(transaction, last?.runNo ?? null);
    const lists = await stageLists(transaction, environment, sources);
    await classifyShadows(transaction, lists, configuration);
    const found: (RefusedShadow | (StagedShadow & ShadowFigures))[] = [];
    for (const list of lists)
      found.push(
        list.kind === 'refused'
          ? list
          : { ...list, ...(await readFigures(transaction, list, { last, shown })) },
      );
    return found;
  });
  const planned: PlannedList[] = [];
  let beginsAt = clock.now();
  for (const one of staged) {
    if (one.kind === 'refused') {
      planned.push(one);
      continue;
    }
    const { list, source, figures, manyCards } = one;
    const sha256 = list.sha256();
    const time = timeNeeded(configuration, { due: figures.due, beginsAt, now: clock.now() });
    beginsAt = time.endsAt;
    const isContinued = unfinished !== null && wouldContinue(environment, unfinished, source, sha256);
    const plan: ListPlan = {
      list: describeList(list, manyCards),
      sha256,
      ...figures,
      ...time,
      size: await weighList(ledger, configuration, list),
      guards: guardsOf(kindOf(list), figures.due, configuration),
      finishedBefore: await findFinishedRun(ledger, key, sha256),
      continues: isContinued ? unfinished.id : null,
    };
    planned.push({ kind: 'planned', plan });
  }
  return planned;
}

type RefusedShadow = RefusedList;

interface StagedShadow {
  readonly kind: 'staged';
  readonly source: ConfiguredList;
  readonly list: OpenedList;
  readonly run: RunRow;
  readonly manyCards: ManyCards | null;
}

interface ShadowFigures {
  readonly figures: Pick<
    ListPlan,
    'classes' | 'rejections' | 'firstRejected' | 'due' | 'dueHistory' | 'difference'
  >;
}

async function readFigures(
  transaction: Queryable,
  { run }: StagedShadow,
  {
    last,
    shown,
  }: { readonly last: { readonly runNo: number; readonly id: string } | null; readonly shown: number },
): Promise<ShadowFigures> {
  const { run_no: runNo, provider } = run;
  const figures = {
    ...(await countRowsNow(transaction, runNo)),
    rejections: await countRejections(transaction, runNo),
    firstRejected: await readFirstRejected(transaction, runNo, shown),
    dueHistory: await countDueHistory(transaction, runNo, provider),
    difference: last === null ? null : { ...(await compareWithLast(transaction, runNo)), runId: last.id },
  };
  return { figures };
}

async function stageLists(
  transaction: Queryable,
  environment: PlanEnvironment,
  sources: readonly ConfiguredList[],
): Promise<(RefusedShadow | StagedShadow)[]> {
  const lists: (RefusedShadow | StagedShadow)[] = [];
  for (const [index, source] of sources.entries()) {
    const id = `plan-${index}`;
    try {
      const list = await openList(locationOf(source), environment.configuration.listOptions);
      const run = await stageShadow(transaction, environment, { list, id });
      const { listOptions } = environment.configuration;
      const manyCards = await findManyCards(transaction, run.run_no, list, listOptions);
      assertCards(manyCards, list, environment.configuration);
      lists.push({ kind: 'staged', source, list, run, manyCards });
    } catch (error) {
      if (!(error instanceof ListRefusedError) || sources.length === 1) throw error;
      const left = await findRun(transaction, id);
      if (left !== null) await deleteRows(transaction, left.run_no);
      const refused = endBy('list_refused', maskIdsInText(error.message));
      lists.push({ kind: 'refused', ...refused, korean: maskIdsInText(error.korean) });
    }
  }
  return lists;
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
    ? isTonightsRequest(unfinished, sha256, configuration, clock.now())
    : isSameRequest(unfinished, sha256, configuration);
}

async function stageShadow(
  transaction: Queryable,
  { configuration, clock }: PlanEnvironment,
  { list, id }: { readonly list: OpenedList; readonly id: string },
): Promise<RunRow> {
  const startedAt = clock.now();
  const run = await createRun(transaction, {
    id,
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
  const fence = { runNo: run.run_no, epoch: run.epoch };
  await stageSets({ ...transaction, bulk: null }, fence, list.rows());
  return run;
}

/** Classifies rows as a run does, but only looks records up and creates none. */
async function classifyShadows(
  transaction: Queryable,
  lists: readonly (RefusedShadow | StagedShadow)[],
  { retry }: Configuration,
): Promise<void> {
  const runs = lists.flatMap((list) => (list.kind === 'staged' ? [list.run] : []));
  await countShadowRows(transaction);
  const runNos = runs.map((run) => run.run_no);
  await markRepeated(transaction, { of: runNos, among: runNos });
  for (const run of runs) await settleKnown(transaction, run, retry.nights);
}
