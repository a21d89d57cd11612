import { agrees, countByClass } from '../domain/control-totals.ts';
import { exitCodes } from '../domain/exit-code.ts';
import { readStoredTotals, readStoredWork } from '../ledger/proofs/stored-proofs.ts';
import type { RunRow } from '../ledger/runs/run-table.ts';
import { decideVerdict, type Verdict } from './verdict.ts';

/** How a run ended, from its own row alone; null where it has no end, or an older version kept no figures. */
export function readStoredVerdict(run: RunRow): Verdict | null {
  const work = readStoredWork(run);
  const checks = readStoredTotals(run);
  if (work === null || checks === null) return null;
  return decideVerdict({
    state: run.state,
    totalsAgree: run.exit_code !== exitCodes.totalsDisagree && checks.every(agrees),
    rowsRead: run.rows_read,
    classes: countByClass(work),
    work,
  });
}
