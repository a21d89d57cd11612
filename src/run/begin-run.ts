import { randomInt } from 'node:crypto';
import { nightOf } from '../domain/night.ts';
import { formatRunId } from '../domain/run-id.ts';
import type { RunLease } from '../ledger/ledger-port.ts';
import { deleteRows } from '../ledger/list-row-table.ts';
import {
  createRun,
  dropStagingRun,
  findStagingRun,
  raiseEpoch,
  type RunKind,
  type RunRow,
} from '../ledger/run-table.ts';
import type { RunBegan, RunEnvironment } from './run-environment.ts';

/** A run is continued by the same content under the same provider; anything else is other work. */
export function isSameWork(run: RunRow, content: string, provider: string): boolean {
  return run.content === content && run.provider === provider;
}

export interface NewWork {
  readonly listName: string;
  readonly content: string;
  readonly kind: RunKind;
}

/** A new run in state staging; what a process that died while staging left is staged again or removed. */
export async function beginRun(
  environment: RunEnvironment,
  work: NewWork,
): Promise<{ run: RunRow; runLease: RunLease }> {
  const { ledger, configuration, clock } = environment;
  const left = await findStagingRun(ledger, configuration.job);
  if (
    left !== null &&
    isSameWork(left, work.content, configuration.providerName) &&
    left.kind === work.kind
  ) {
    const runLease = await raiseEpoch(ledger, left.run_no);
    await deleteRows(ledger, left.run_no);
    return { run: left, runLease };
  }
  if (left !== null) await dropStagingRun(ledger, left.run_no);
  const startedAt = clock.now();
  const run = await createRun(ledger, {
    id: formatRunId(startedAt, configuration.job, randomInt(0x10000)),
    job: configuration.job,
    provider: configuration.providerName,
    kind: work.kind,
    night: nightOf(startedAt, configuration.timeZone),
    listName: work.listName,
    content: work.content,
    again: configuration.flags.again,
    settings: configuration.settings,
    startedAt,
  });
  return { run, runLease: { runNo: run.run_no, epoch: run.epoch } };
}

/** As an observer is told of it. */
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
