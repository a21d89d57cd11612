import { nightOf } from '../../domain/night.ts';
import { fencedTransaction, type Queryable } from '../../ledger/ledger-port.ts';
import type { RunInHand } from '../start/continue-run.ts';
import type { RunEnvironment } from '../run-environment.ts';

/** The run or reconciliation whose calls pass a gate, as the limits and other processes need to know it. */
export interface Caller {
  /** Its id, by which people name it. */
  readonly id: string;
  readonly job: string;
  readonly provider: string;
  /** Number of its rows, or of its members. */
  readonly size: number;
  /** Calls of a process that died; each may have left as late as the moment of its death. */
  readonly lostCalls: number;
  /** Runs a transaction in which nobody can take the job over; rejects with OvertakenError where somebody has. */
  fenced<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
  /** The night its calls belong to. */
  readonly night: string;
}

export function callerOfRun(
  { ledger, clock, configuration }: RunEnvironment,
  { run, fence, lostCalls }: RunInHand,
): Caller {
  return {
    id: run.id,
    job: run.job,
    provider: run.provider,
    size: run.rows_read ?? 0,
    lostCalls,
    fenced: async (work) => await fencedTransaction(ledger, fence, work),
    // The calls of a continued run belong to tonight, not to the night in which it began.
    night: nightOf(clock.now(), configuration.timeZone),
  };
}
