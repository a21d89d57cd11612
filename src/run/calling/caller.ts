import { nightOf } from '../../domain/night.ts';
import { fencedTransaction, type Queryable } from '../../ledger/ledger-port.ts';
import type { RunInHand } from '../start/continue-run.ts';
import type { RunEnvironment } from '../run-environment.ts';

/** Whose calls pass a gate: what the limits and other processes have to know of a piece of a job's work. */
export interface Caller {
  /** As people name it. */
  readonly id: string;
  readonly job: string;
  readonly provider: string;
  /** Rows, or members, in all. */
  readonly size: number;
  /** Calls of a dead process that may have left as late as its last instant. */
  readonly lostCalls: number;
  /** A transaction in which the work can't be taken over; rejects with OvertakenError when it was. */
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
    // A run that is continued goes on in tonight's night.
    night: nightOf(clock.now(), configuration.timeZone),
  };
}
