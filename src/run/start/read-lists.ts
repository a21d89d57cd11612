import { endBy } from '../../domain/exit-cause.ts';
import { ListRefusedError } from '../../intake/list-errors.ts';
import { openList } from '../../intake/open-list.ts';
import type { OpenedList } from '../../intake/opened-list.ts';
import {
  findFinishedRun,
  findUnfinishedRun,
  noteContent,
  type ListFacts,
  type RunRow,
} from '../../ledger/runs/run-table.ts';
import { dropStagingRun } from '../../ledger/runs/staging-runs.ts';
import type { ConfiguredList } from '../../config/configured-list.ts';
import { describeList, listFacts } from '../list-facts.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import type { LockedEnvironment, RefusedList } from '../run-environment.ts';
import { beginRun, describeRun, isSameRequest, isTonightsRequest, type StagingRun } from './begin-run.ts';
import { locationOf } from './list-location.ts';
import { assertListSize, weighList } from './list-size-guard.ts';
import { assertCards, findManyCards, type ManyCards } from './member-cards-guard.ts';
import { markRows } from './plan-run.ts';
import { orRefuse, stageList } from './stage-list.ts';

/** A list of a start, and the hash that tells whether it was seen before. */
export interface GivenList {
  readonly list: ConfiguredList;
  /** SHA-256 of a file's bytes; null for a query, whose rows are known only once they were read. */
  readonly content: string | null;
}

/** A list of this start, read to its end. None of its rows was called yet. */
export type ReadList =
  | RefusedList
  /** Its content is that of the job's unfinished run. `beside`: the other runs of this start. */
  | { readonly kind: 'unfinished'; readonly run: RunRow; readonly beside: readonly number[] }
  | StagedList;

export interface StagedList extends StagingRun {
  readonly kind: 'staged';
  readonly facts: ListFacts;
  /** True where the run begins later than its list was read, because it waits for the lists before it. */
  readonly waits: boolean;
}

/**
 * Reads every list of a start into the ledger before the first call: each is refused or not, and a PAR that stands with
 * several user ids in any of them is disputed in all. The rows are in the ledger only, so memory doesn't grow with the
 * lists. A process that dies meanwhile, or before a list had its turn, leaves runs in state staging, which the next
 * start removes and reads again. A list that is refused rejects with ListRefusedError when it is the only one.
 */
export async function readLists(
  environment: LockedEnvironment,
  works: readonly GivenList[],
): Promise<readonly ReadList[]> {
  const { ledger, configuration } = environment;
  const lists: ReadList[] = [];
  let unfinished = await findUnfinishedRun(ledger, configuration.job);
  for (const work of works) {
    if (
      unfinished !== null &&
      work.content !== null &&
      isSameRequest(unfinished, work.content, configuration)
    ) {
      lists.push({ kind: 'unfinished', run: unfinished, beside: [] });
      unfinished = null;
    } else {
      lists.push(await readOrRefuse(environment, work, { unfinished, isOnlyOne: works.length === 1 }));
    }
  }
  return await markAll(environment, lists);
}

interface Start {
  readonly unfinished: RunRow | null;
  readonly isOnlyOne: boolean;
}

async function readOrRefuse(
  environment: LockedEnvironment,
  work: GivenList,
  start: Start,
): Promise<ReadList> {
  try {
    environment.lock.lost.throwIfAborted();
    return await readList(environment, work, start);
  } catch (error) {
    if (!(error instanceof ListRefusedError) || start.isOnlyOne) throw error;
    const refused = endBy('list_refused', error.message);
    environment.logger.error('a list was refused', { exitCode: refused.exitCode, reason: refused.reason });
    return { kind: 'refused', ...refused, korean: error.korean };
  }
}

/** Stages the list as a new run. A query that gives the rows of tonight's unfinished run continues that run. */
async function readList(
  environment: LockedEnvironment,
  work: GivenList,
  { unfinished, isOnlyOne }: Start,
): Promise<ReadList> {
  const { configuration, logger, observer, clock, ledger } = environment;
  const list = await openList(locationOf(work.list), configuration.listOptions);
  const staged = await beginRun(environment, {
    listName: list.name,
    content: work.content ?? UNREAD,
    kind: list.handedBack ? 'handed_back' : 'list',
  });
  const { run, fence } = staged;
  if (isOnlyOne) observer.runBegan(describeRun(run));
  await stageList(environment, fence, list, work.content);
  logger.info('list staged', { run: run.id, rows: list.counts().rowsRead });
  const manyCards = await findManyCards(ledger, run.run_no, list, configuration.listOptions);
  observer.listRead(describeList(list, manyCards));
  const content = list.sha256();
  const isTonights =
    work.content === null &&
    unfinished !== null &&
    isTonightsRequest(unfinished, content, configuration, clock.now());
  if (isTonights) {
    await jobTransaction(environment, async (transaction) => await dropStagingRun(transaction, run.run_no));
    return { kind: 'unfinished', run: unfinished, beside: [] };
  }
  const finished = await findFinishedRun(ledger, run, content);
  if (finished !== null) observer.listSeenBefore(finished);
  await acceptList(environment, staged, { list, manyCards });
  return { kind: 'staged', ...staged, facts: listFacts(list, manyCards), waits: !isOnlyOne };
}

async function acceptList(
  environment: LockedEnvironment,
  { run, fence }: StagingRun,
  { list, manyCards }: { readonly list: OpenedList; readonly manyCards: ManyCards | null },
): Promise<void> {
  await jobTransaction(environment, async (transaction) => {
    if (run.content === UNREAD) await noteContent(transaction, run.run_no, list.sha256());
  });
  await orRefuse(environment, fence, async () => {
    const { ledger, configuration } = environment;
    assertCards(manyCards, list, configuration);
    assertListSize(await weighList(ledger, configuration, list), list, configuration.flags.yes);
  });
}

async function markAll(
  environment: LockedEnvironment,
  lists: readonly ReadList[],
): Promise<readonly ReadList[]> {
  const staged = lists.filter((list) => list.kind === 'staged');
  const runNos = lists.flatMap((list) => (list.kind === 'refused' ? [] : [list.run.run_no]));
  const rows = staged.reduce((sum, { facts }) => sum + facts.rowsRead, 0);
  await markRows(environment, staged, { rows, among: runNos });
  return lists.map((list) =>
    list.kind === 'unfinished' ? { ...list, beside: runNos.filter((no) => no !== list.run.run_no) } : list,
  );
}

/** Stands in place of a hash until the rows of a query are read; no SHA-256 looks like it. */
const UNREAD = 'unread';
