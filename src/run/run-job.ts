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

/** Does `work` with the job's lock in hand, see holdJob. */
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
 * Reads all lists before the first call, then one run a list, in name order, the one that was left unfinished first. Ends
 * early when a run did. A list that is refused rejects when it is the only one; of several it is told among the results.
 */
export async function runJob(environment: RunEnvironment): Promise<(RunResult | RefusedList)[]> {
  return await withJobLock(environment, async (locked) => await runLists(locked, locked.configuration.lists));
}

/** What somebody does around the turns of the lists of a start. */
export interface ListTurns {
  /** When all lists were read, before the first call: the list as it was read, or refused by now. */
  check(list: ConfiguredList, read: ReadList): Promise<ReadList>;
  /** Its run has its turn. */
  begins(list: ConfiguredList, runNo: number): Promise<void>;
  /** Its run ended, one way or other, or it was refused. */
  ended(list: ConfiguredList, result: RunResult | RefusedList): Promise<void>;
}

/** As `runJob`, of these lists, with the job's lock in hand. */
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

/** One run after the other. A run that ended early, or a signal, ends them all, and those that are left are told. */
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

/** They were left for the reason for which the list before them ended. */
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

/** Stopped by a guard, the provider or a signal: the next list would only meet the same. */
export function endsJob(result: RunResult | RefusedList): boolean {
  const stops: readonly number[] = [
    exitCodes.stoppedByGuard,
    exitCodes.providerUnavailable,
    exitCodes.interrupted,
    exitCodes.terminated,
  ];
  return stops.includes(result.exitCode);
}
