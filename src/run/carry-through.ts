import { OvertakenError } from '../ledger/ledger-port.ts';
import type { JobLease } from '../ledger/job-lock.ts';
import { countClasses, countDueRows } from '../ledger/list-row-table.ts';
import { readRun } from '../ledger/run-table.ts';
import type { RunInHand } from './continue-run.ts';
import { dispatchRun } from './dispatch-run.ts';
import { finishRun } from './finish-run.ts';
import type { RunEnvironment, RunResult } from './run-environment.ts';

/** From planned to finished: the calls, the proof, the folder. */
export async function carryThrough(
  environment: RunEnvironment,
  lease: JobLease,
  planned: RunInHand,
): Promise<RunResult> {
  const { ledger, observer } = environment;
  const run = await readRun(ledger, planned.run.run_no);
  const inHand = { run, lease: planned.lease };
  observer.listStaged({
    rowsRead: run.rows_read ?? 0,
    classes: await countClasses(ledger, run.run_no),
    due: await countDueRows(ledger, run.run_no),
  });
  const stopped = await dispatchRun(environment, lease, inHand);
  if (stopped?.kind === 'overtaken') throw new OvertakenError();
  if (stopped?.kind === 'ledger') throw stopped.error;
  return await finishRun(environment, inHand, stopped);
}
