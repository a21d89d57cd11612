import type { ConfiguredList } from '../config/configured-list.ts';
import { openList } from '../intake/open-list.ts';
import type { OpenedList } from '../intake/opened-list.ts';
import {
  dropStagingRun,
  findFinishedRun,
  findUnfinishedRun,
  noteContent,
  type RunRow,
} from '../ledger/runs/run-table.ts';
import { beginRun, describeRun, isSameWork, isTonightsWork } from './start/begin-run.ts';
import { carryThrough } from './carry-through.ts';
import { continueRun, type RunInHand } from './start/continue-run.ts';
import { jobTransaction } from './lock/job-transaction.ts';
import { describeList, listFacts } from './list-facts.ts';
import { locationOf } from './start/list-location.ts';
import { assertListSize, weighList } from './start/list-size-guard.ts';
import { planRun, type StagedRun } from './start/plan-run.ts';
import type { LockedEnvironment, RunResult } from './run-environment.ts';
import { orRefuse, stageList } from './start/stage-list.ts';
import { supersedeUnfinishedRun } from './finish/supersede-run.ts';

/** A list with what tells whether it was seen before. */
export interface ListWork {
  readonly list: ConfiguredList;
  /** SHA-256 of a file's bytes; null for a query, whose rows are known only once they were read. */
  readonly content: string | null;
}

/** One run of the job on one list: continues the unfinished run of the same content, or begins a new one. */
export async function runList(environment: LockedEnvironment, work: ListWork): Promise<RunResult> {
  const { ledger, configuration } = environment;
  const unfinished = await findUnfinishedRun(ledger, configuration.job);
  if (unfinished !== null && work.content !== null && isSameWork(unfinished, work.content, configuration)) {
    return await carryThrough(environment, await continueRun(environment, unfinished));
  }
  return await carryThrough(environment, await beginList(environment, work, unfinished));
}

/** Stages the list as a new run and plans it; a query that gave the rows of tonight's unfinished run continues that. */
async function beginList(
  environment: LockedEnvironment,
  work: ListWork,
  unfinished: RunRow | null,
): Promise<RunInHand> {
  const { configuration, logger, observer, clock } = environment;
  const list = await openList(locationOf(work.list), configuration.listOptions);
  const staged = await beginRun(environment, {
    listName: list.name,
    content: work.content ?? UNREAD,
    kind: list.handedBack ? 'handed_back' : 'list',
  });
  const { run, runLease } = staged;
  observer.runBegan(describeRun(run));
  await stageList(environment, runLease, list, work.content);
  logger.info('list staged', { run: run.id, rows: list.counts().rowsRead });
  observer.listRead(describeList(list));
  const isTonights =
    work.content === null &&
    unfinished !== null &&
    isTonightsWork(unfinished, list.sha256(), configuration, clock.now());
  if (isTonights) {
    await jobTransaction(environment, async (transaction) => await dropStagingRun(transaction, run.run_no));
    return await continueRun(environment, unfinished);
  }
  return await planStagedList(environment, staged, list);
}

async function planStagedList(
  environment: LockedEnvironment,
  staged: StagedRun,
  list: OpenedList,
): Promise<RunInHand> {
  const { run, runLease } = staged;
  const content = list.sha256();
  const finished = await findFinishedRun(environment.ledger, run, content);
  if (finished !== null) environment.observer.listSeenBefore(finished);
  await jobTransaction(environment, async (transaction) => {
    if (run.content === UNREAD) await noteContent(transaction, run.run_no, content);
  });
  await orRefuse(environment, runLease, async () => {
    const { ledger, configuration } = environment;
    assertListSize(await weighList(ledger, configuration, list), list, configuration.flags.yes);
  });
  const closed = await supersedeUnfinishedRun(environment, run.id);
  await planRun(environment, staged, listFacts(list));
  return { run, lease: runLease, ...closed };
}

/** Until the rows of a query were read; no SHA-256 looks like it. */
const UNREAD = 'unread';
