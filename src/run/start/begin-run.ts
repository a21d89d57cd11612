import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '../../config/configuration.ts';
import { readProgramVersion } from '../../config/program-version.ts';
import { readingOf } from '../../config/job-file/list-settings.ts';
import { nightOf } from '../../domain/night.ts';
import { formatRunId } from '../../domain/identity/run-id.ts';
import type { RunFence } from '../../ledger/ledger-port.ts';
import { createRun, findRun, readRun, type RunKind, type RunRow } from '../../ledger/runs/run-table.ts';
import { dropStagingRun, noteBegin } from '../../ledger/runs/staging-runs.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import type { LockedEnvironment, RunBegan } from '../run-environment.ts';

/**
 * A run is continued by the same content under the same provider, read in the same way and called under the same
 * `--again`; anything else is another request.
 */
export function isSameRequest(run: RunRow, content: string, configuration: Configuration): boolean {
  return (
    run.content === content &&
    run.provider === configuration.providerName &&
    run.again === configuration.flags.again &&
    isDeepStrictEqual(readingOf(run.settings), readingOf(configuration.settings))
  );
}

/** A query's list is the same list only within one night: the next one's rows are new even where they are equal. */
export function isTonightsRequest(
  run: RunRow,
  content: string,
  configuration: Configuration,
  now: Date,
): boolean {
  return run.night === nightOf(now, configuration.timeZone) && isSameRequest(run, content, configuration);
}

/** A run whose rows are being staged, and the right to write for it. */
export interface StagingRun {
  readonly run: RunRow;
  readonly fence: RunFence;
}

export interface NewListRun {
  readonly listName: string;
  readonly content: string;
  readonly kind: RunKind;
}

/**
 * Creates a run in state staging, beside the runs of the start's other lists. We hold the job's lock, so a run that has
 * this id already was made by this very statement when its commit went unheard. It is removed first.
 */
export async function beginRun(environment: LockedEnvironment, work: NewListRun): Promise<StagingRun> {
  const { configuration, clock, tally } = environment;
  const startedAt = clock.now();
  const id = formatRunId(startedAt, configuration.job, tally.nextRunSuffix());
  const run = await jobTransaction(environment, async (transaction) => {
    const left = await findRun(transaction, id);
    if (left?.state === 'staging') await dropStagingRun(transaction, left.run_no);
    return await createRun(transaction, {
      id,
      job: configuration.job,
      provider: configuration.providerName,
      kind: work.kind,
      night: nightOf(startedAt, configuration.timeZone),
      listName: work.listName,
      content: work.content,
      again: configuration.flags.again,
      settings: configuration.settings,
      startedAt,
      programVersion: readProgramVersion(),
    });
  });
  return { run, fence: { runNo: run.run_no, epoch: run.epoch } };
}

/** Begins a run whose list was read earlier and that waited for the lists before it. */
export async function beginTurn(environment: LockedEnvironment, { run_no: runNo }: RunRow): Promise<RunRow> {
  const { configuration, clock } = environment;
  const startedAt = clock.now();
  return await jobTransaction(environment, async (transaction) => {
    await noteBegin(transaction, runNo, { startedAt, night: nightOf(startedAt, configuration.timeZone) });
    return await readRun(transaction, runNo);
  });
}

/** Describes a run for an observer. */
export function describeRun(run: RunRow): RunBegan {
  return {
    runId: run.id,
    job: run.job,
    provider: run.provider,
    listName: run.list_name,
    continued: false,
    lostCalls: 0,
  };
}
