import { rowClasses } from '../domain/class.ts';
import { exitCodes } from '../domain/exit-code.ts';
import { countByClass, describeBreak, type ClassCounts, type TotalsCheck } from '../domain/control-totals.ts';
import type { Ledger, Queryable } from '../ledger/ledger-port.ts';
import { readStoredTotals, readStoredWork } from '../ledger/proofs/stored-proofs.ts';
import { hasEnded } from '../domain/run-state.ts';
import { readRun, type RunRow } from '../ledger/runs/run-table.ts';
import { proveControlTotals } from './control-totals.ts';

/** A run's totals as the tables give them now. */
export interface ProofNow {
  readonly run: RunRow;
  readonly classes: ClassCounts;
  readonly checks: readonly TotalsCheck[];
  /** What does not agree, a sentence each: among the tables, or with what was kept at the run's end. */
  readonly broken: readonly string[];
  /** What can't be proved any more, and is no fault. */
  readonly said: readonly string[];
}

/**
 * Proves an ended run from the tables as they are at one instant, and compares that with what was kept at its end.
 * Nothing that was kept is believed: figures that agreed then and are others now are a fault too, whichever of the two
 * was changed. Null where the run has no end.
 */
export async function proveAgain(ledger: Ledger, runNo: number): Promise<ProofNow | null> {
  return await ledger.transaction(async (transaction) => {
    await transaction.query('set transaction isolation level repeatable read');
    const run = await readRun(transaction, runNo);
    // Rows of a run that has not ended may still change, so nothing of it is proved.
    return hasEnded(run.state) ? await proveEnded(transaction, run) : null;
  });
}

async function proveEnded(on: Queryable, run: RunRow): Promise<ProofNow> {
  const { classes, checks, broken } = await proveControlTotals(on, run);
  const kept = readStoredTotals(run);
  const said: string[] = [];
  if (run.purge_began_at !== null) {
    said.push(
      'the run was purged: which records its rows were, and so their classes, can no longer be proved from the calls',
    );
  }
  if (kept === null) said.push('the program that ended the run kept no totals to compare with');
  const isGone = kept === null && run.program_version !== null && run.control_totals === null;
  const gone = isGone ? ['the totals that were kept at the end of the run are gone'] : [];
  return { run, classes, checks, broken: [...broken, ...gone, ...compareKept(run, checks, classes)], said };
}

/**
 * Totals that were broken at the end, as its exit code says, and are whole now were repaired: there is nothing to compare
 * with.
 */
function compareKept(run: RunRow, checks: readonly TotalsCheck[], classes: ClassCounts): string[] {
  const kept = readStoredTotals(run);
  if (kept === null || run.exit_code === exitCodes.totalsDisagree) return [];
  const isProvable = createIsProvable(run, checks);
  const totals = kept.filter(isProvable).flatMap((check) => {
    const now = checks.find((one) => one.name === check.name && one.class === check.class);
    const isSame = check.expected === (now?.expected ?? 0) && check.found === (now?.found ?? 0);
    return isSame ? [] : [`at the run's end it was otherwise: ${describeBreak(check)}`];
  });
  return [...totals, ...compareClasses(run, classes)];
}

/** Purged rows have lost what some of the equations need. */
function createIsProvable(run: RunRow, checks: readonly TotalsCheck[]): (check: TotalsCheck) => boolean {
  const names = new Set(checks.map(({ name }) => name));
  return ({ name }) => run.purge_began_at === null || names.has(name);
}

function compareClasses(run: RunRow, classes: ClassCounts): string[] {
  const work = readStoredWork(run);
  if (work === null) return [];
  const kept = countByClass(work);
  return rowClasses
    .filter((name) => kept[name] !== classes[name])
    .map((name) => `${name}: ${kept[name]} rows at the run's end, ${classes[name]} now`);
}
