import { isoTime } from '../domain/time/wall-time.ts';
import type { ExitDecision } from '../domain/exit-cause.ts';
import { exitCodes } from '../domain/exit-code.ts';
import type { ConfiguredList } from '../config/configured-list.ts';
import { sha256OfFile } from '../intake/file-hash.ts';
import { createPatience, type Patience } from '../ledger/engine/patience.ts';
import { createPatientLedger } from '../ledger/engine/patient-ledger.ts';
import { findUnfinishedRun } from '../ledger/runs/run-table.ts';
import { abandonWithLock, holdJob } from './lock/lock-job.ts';
import { isSameRequest } from './start/begin-run.ts';
import { JobTally } from './job-tally.ts';
import {
  endBySignal,
  type LockedEnvironment,
  type RefusedList,
  type RunEnvironment,
  type RunResult,
  type StopSignal,
} from './run-environment.ts';
import { dropListsLeft, runList } from './run-list.ts';
import { readLists, type GivenList, type ReadList } from './start/read-lists.ts';

/** Takes the job's lock (see holdJob), does `work`, and releases the lock. */
export async function withJobLock<Result>(
  environment: RunEnvironment,
  work: (locked: LockedEnvironment) => Promise<Result>,
): Promise<Result> {
  const { job } = environment.configuration;
  const patience = createRunPatience(environment);
  const lock = await holdJob(environment, job, patience);
  const watch = abandonWithLock(environment, lock);
  const { ledger } = environment;
  try {
    return await work({
      ...environment,
      ledger: ledger.engine === 'server' ? createPatientLedger(ledger, patience) : ledger,
      lock,
      tally: new JobTally(),
    });
  } finally {
    watch.end();
    await lock.release();
  }
}

function createRunPatience({ clock, chance, observer, logger, configuration }: RunEnvironment): Patience {
  return createPatience({
    clock,
    chance,
    waiting: (until, error) => {
      observer.ledgerWaiting(until);
      const fields = { until: isoTime(until, configuration.timeZone), cause: error.message };
      logger.warn('the ledger does not answer', fields);
    },
    back: () => {
      observer.ledgerBack();
      logger.info('the ledger answers again', {});
    },
  });
}

/**
 * Reads all lists before the first call. Then it makes one run for each list in name order, beginning with the list of
 * the unfinished run. It ends early when a run does. A refused list rejects where it is the only one; among several it
 * is told in the results.
 */
export async function runJob(environment: RunEnvironment): Promise<(RunResult | RefusedList)[]> {
  return await withJobLock(environment, async (locked) => await runLists(locked, locked.configuration.lists));
}

/** What the caller does when a list of a start has been read, begins, or ends. */
export interface ListTurns {
  /** Called when all lists are read, before the first call. The list may have been refused. */
  check(list: ConfiguredList, read: ReadList): Promise<ReadList>;
  /** The run of the list begins. */
  begins(list: ConfiguredList, runNo: number): Promise<void>;
  /** The run of the list ended in any way, or the list was refused. */
  ended(list: ConfiguredList, result: RunResult | RefusedList): Promise<void>;
}

/** Does the same as `runJob` for these lists, for a caller that has the job's lock. */
export async function runLists(
  locked: LockedEnvironment,
  configured: readonly ConfiguredList[],
  turns: ListTurns | null = null,
): Promise<(RunResult | RefusedList)[]> {
  await dropListsLeft(locked);
  const given = await orderLists(locked, configured);
  const lists = pairUp(given, await readLists(locked, given));
  const checked: typeof lists = [];
  for (const { list, read } of lists) checked.push({ list, read: (await turns?.check(list, read)) ?? read });
  const results = await runInOrder(locked, checked, async ({ list, read }) => {
    if (read.kind !== 'refused') await turns?.begins(list, read.run.run_no);
    const result = await runList(locked, read);
    await turns?.ended(list, result);
    return result;
  });
  await dropListsLeft(locked);
  return results;
}

function pairUp(
  given: readonly GivenList[],
  read: readonly ReadList[],
): { readonly list: ConfiguredList; readonly read: ReadList }[] {
  return read.flatMap((one, at) => {
    const list = given[at]?.list;
    return list === undefined ? [] : [{ list, read: one }];
  });
}

/** Makes one run after the other. After a signal, or a run that ended early, it reports the rest as not begun. */
export async function runInOrder<Item>(
  { stop }: Pick<LockedEnvironment, 'stop'>,
  given: readonly Item[],
  run: (item: Item) => Promise<RunResult | RefusedList>,
): Promise<(RunResult | RefusedList)[]> {
  const results: (RunResult | RefusedList)[] = [];
  for (const [index, item] of given.entries()) {
    if (stop.aborted && index > 0) return [...results, stoppedBefore(stop, given.length - index)];
    const result = await run(item);
    results.push(result);
    if (!endsJob(result)) continue;
    const left = given.length - index - 1;
    return left === 0 ? results : [...results, notBegun(left, result)];
  }
  return results;
}

/** Reports the lists that were not started; otherwise a run stopped between two lists looks complete. */
function stoppedBefore(stop: AbortSignal, lists: number): RefusedList {
  const signal = stop.reason as StopSignal;
  const { reason, ...refused } = notBegun(lists, endBySignal(signal, ''));
  return { ...refused, reason: `stopped by ${signal}; ${reason}` };
}

/** Gives the lists that were not begun the reason for which the list before them ended. */
export function notBegun(lists: number, { exitCode, exitCause }: ExitDecision): RefusedList {
  const reason = `${lists === 1 ? '1 list was' : `${lists} lists were`} not begun`;
  return { kind: 'refused', exitCode, exitCause, reason, korean: null };
}

async function orderLists(
  environment: RunEnvironment,
  configured: readonly ConfiguredList[],
): Promise<GivenList[]> {
  const { ledger, configuration } = environment;
  const lists: GivenList[] = [];
  for (const list of configured) lists.push({ list, content: await contentOf(list) });
  const unfinished = await findUnfinishedRun(ledger, configuration.job);
  if (unfinished === null) return lists;
  const isLeft = ({ content }: GivenList): boolean =>
    content !== null && isSameRequest(unfinished, content, configuration);
  return [...lists.filter(isLeft), ...lists.filter((item) => !isLeft(item))];
}

async function contentOf(list: ConfiguredList): Promise<string | null> {
  return list.kind === 'file' ? await sha256OfFile(list.path) : null;
}

/** Tells whether a run was stopped by a guard, the provider or a signal, which the next list would only meet again. */
export function endsJob(result: RunResult | RefusedList): boolean {
  const stops: readonly number[] = [
    exitCodes.stoppedByGuard,
    exitCodes.providerUnavailable,
    exitCodes.interrupted,
    exitCodes.terminated,
  ];
  return stops.includes(result.exitCode);
}
