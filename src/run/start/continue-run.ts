import { readProgramVersion } from '../../config/program-version.ts';
import { nightOf } from '../../domain/night.ts';
import { exitCodes } from '../../domain/exit-code.ts';
import type { RunFence } from '../../ledger/ledger-port.ts';
import { readLastLeft } from '../../ledger/runs/attempt-table.ts';
import { settleLostCalls } from '../../ledger/runs/claiming.ts';
import { reopenLeftRows, reopenUnansweredRows } from '../../ledger/runs/list-row-table.ts';
import { markDisputed, orderRows } from '../../ledger/runs/planning.ts';
import { raiseEpoch, reopenRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { describeRun } from './begin-run.ts';
import { settleKnown } from './plan-run.ts';
import { jobTransaction } from '../lock/job-transaction.ts';
import type { LockedEnvironment } from '../run-environment.ts';

/** A run this process may write for. */
export interface RunInHand {
  readonly run: RunRow;
  readonly fence: RunFence;
  /** Calls of a process that died; each may have left as late as the moment of its death. */
  readonly lostCalls: number;
  /** See ClosedRun. */
  readonly brokenTotals: string | null;
}

/**
 * Continues an unfinished run. Its dead process can write no more, and the records it left sending count as maybe sent.
 * `beside`: the other runs of this start, whose lists may dispute records this run has not called yet.
 */
export async function continueRun(
  environment: LockedEnvironment,
  run: RunRow,
  beside: readonly number[] = [],
): Promise<RunInHand> {
  const { configuration, observer, clock, logger } = environment;
  const night = nightOf(clock.now(), configuration.timeZone);
  let lost = 0;
  const fence = await jobTransaction(environment, async (transaction) => {
    const raised = await raiseEpoch(transaction, run.run_no);
    // When this is repeated after a commit that went unheard, nothing is left to settle.
    lost = Math.max(lost, (await settleLostCalls(transaction, run.run_no)).lost);
    await reopenLeftRows(transaction, run.run_no);
    if (run.exit_code === exitCodes.providerUnavailable) await reopenUnansweredRows(transaction, run.run_no);
    if (beside.length > 0) await markDisputed(transaction, [run.run_no], [run.run_no, ...beside]);
    await settleKnown(transaction, { ...run, night }, configuration.retry.nights);
    await orderRows(transaction, run.run_no, run.provider);
    const { settings } = configuration;
    const programVersion = readProgramVersion();
    const lastLeft = await readLastLeft(transaction, run.run_no);
    const now = new Date(Math.max(clock.now().getTime(), lastLeft?.getTime() ?? -Infinity));
    await reopenRun(transaction, run.run_no, { night, settings, programVersion, now });
    return raised;
  });
  observer.runBegan({ ...describeRun(run), continued: true, lostCalls: lost });
  logger.info('run continued', { run: run.id, state: run.state, callsMaybeSent: lost });
  return { run, fence, lostCalls: lost, brokenTotals: null };
}
