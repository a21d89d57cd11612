import { basename } from 'node:path';
import { openCsvList } from '../intake/csv-source.ts';
import type { OpenedList } from '../intake/list-source.ts';
import { findUnfinishedRun, type ListFacts } from '../ledger/run-table.ts';
import { beginRun, describeRun, isSameWork } from './begin-run.ts';
import { carryThrough } from './carry-through.ts';
import { continueRun } from './continue-run.ts';
import { planRun } from './plan-run.ts';
import type { LockedEnvironment, RunResult } from './run-environment.ts';
import { stageList } from './stage-list.ts';
import { supersedeUnfinishedRun } from './supersede-run.ts';

/** A list file with what tells whether it was seen before. */
export interface ListFile {
  readonly path: string;
  readonly sha256: string;
}

/** One run of the job on one list: continues the unfinished run of the same content, or begins a new one. */
export async function runList(environment: LockedEnvironment, file: ListFile): Promise<RunResult> {
  const { ledger, configuration, logger } = environment;
  const unfinished = await findUnfinishedRun(ledger, configuration.job);
  if (unfinished !== null && isSameWork(unfinished, file.sha256, configuration)) {
    const continued = await continueRun(environment, unfinished);
    return await carryThrough(environment, continued);
  }
  const list = await openCsvList(file.path, { columns: configuration.listOptions.columns });
  const { run, runLease } = await beginRun(environment, {
    listName: basename(file.path),
    content: file.sha256,
    kind: list.handedBack ? 'handed_back' : 'list',
  });
  environment.observer.runBegan(describeRun(run));
  await stageList(environment, runLease, list, file.sha256);
  logger.info('list staged', { run: run.id, rows: list.counts().rowsRead });
  const lostCalls = await supersedeUnfinishedRun(environment, run.id);
  await planRun(environment, { run, runLease }, listFacts(list));
  return await carryThrough(environment, { run, lease: runLease, lostCalls });
}

function listFacts(list: OpenedList): ListFacts {
  const { rowsRead, blankLines } = list.counts();
  return {
    header: list.header,
    encoding: list.encoding,
    delimiter: list.delimiter,
    userIdColumn: list.columns.userId,
    parColumn: list.columns.par,
    rowsRead,
    blankLines,
  };
}
