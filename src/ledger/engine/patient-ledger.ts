import type { Parameter } from '../ledger-port.ts';
import type { Patience } from './patience.ts';
import type { ServerLedger } from './server-ledger.ts';

/** An idle transaction ends before others may take the run over: they must find no row locked by a dead connection. */
const IDLE_IN_TRANSACTION = `set local idle_in_transaction_session_timeout = '10s'`;

/**
 * The ledger of a run in hand: its statements and transactions outlast a database that is restarted, failed over or out
 * of reach for a while. A connection that breaks leaves open whether the statement under way was committed, so each one
 * is done again, and each has to be such that the second time changes nothing more:
 *
 * - recordCalls finds no record sending that it has recorded already, and its attempt;
 * - markSending and claimAndMark count a record that is sending with the same correlation id as marked;
 * - claimSpread and claimFree find again what is claimed for this run and not in hand;
 * - unmarkSending finds nothing sending; its record goes to nobody until it was heard of;
 * - releaseClaims, settleKnown, the plan, the notes and the states of a run set what they set before;
 * - stageRows leaves rows alone that are there, stageSelected removes its own before;
 * - beginRun drops the run of its own id that it has just made, and markRows marks what it marked before;
 * - raiseEpoch raises once more, and only the last fence is used;
 * - settleLostCalls settles nothing twice; how many it settled the first time its callers keep;
 * - markInquiries leaves marks alone that are there, unmarkInquiries and recordInquiries find nothing under way or due;
 * - a reconciliation that was just begun is continued, its members are staged from the last on, and one that is complete
 *   closes no break it has seen at that moment;
 * - a block of correlation numbers, or the analysis of a table, is had twice without harm.
 *
 * An overtaken process learns it as ever: each of them names the run's epoch, or the job's holder.
 */
export function createPatientLedger(ledger: ServerLedger, patience: Patience): ServerLedger {
  return {
    ...ledger,
    query: async <Row extends object>(sql: string, parameters?: readonly Parameter[]) =>
      await patience.insist(async () => await ledger.query<Row>(sql, parameters)),
    transaction: async (work) =>
      await patience.insist(
        async () =>
          await ledger.transaction(async (transaction) => {
            await transaction.query(IDLE_IN_TRANSACTION);
            return await work(transaction);
          }),
      ),
  };
}
