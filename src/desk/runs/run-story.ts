import type { ClassCounts } from '../../domain/control-totals.ts';
import { hasRows } from '../../domain/run-state.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { readRowFigures } from '../../ledger/proofs/row-groups.ts';
import { countClasses } from '../../ledger/runs/list-row-table.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { proveAgain } from '../../reconcile/prove-again.ts';
import { collectReportFacts, type ReportFacts } from '../../report/report-facts.ts';
import { readReportSettings } from '../../report/report-settings.ts';

/** The state of a run, as its page tells it. */
export type RunStory =
  /** The run has ended, and its totals were proved again for this page. */
  | {
      readonly kind: 'ended';
      readonly facts: ReportFacts;
      readonly broken: readonly string[];
      readonly said: readonly string[];
    }
  /** A process works on the run, or died while it did. `classes` counts the rows that have a result so far. */
  | { readonly kind: 'unfinished'; readonly run: RunRow; readonly classes: ClassCounts }
  /** The run's list was never read to its end. */
  | { readonly kind: 'rowless'; readonly run: RunRow };

export async function readRunStory(ledger: Ledger, run: RunRow): Promise<RunStory> {
  const proof = await proveAgain(ledger, run.run_no);
  if (proof === null) {
    if (!hasRows(run.state)) return { kind: 'rowless', run };
    return { kind: 'unfinished', run, classes: await countClasses(ledger, run.run_no) };
  }
  const { checks, broken, said } = proof;
  const { settings } = readReportSettings(run.settings, run.id);
  const facts = await collectReportFacts(ledger, {
    run: proof.run,
    rows: await readRowFigures(ledger, run.run_no, settings.nightsLimit),
    state: proof.run.state,
    totalsAgree: broken.length === 0,
  });
  // The facts show the totals proved now, not those stored when the run ended.
  return { kind: 'ended', facts: { ...facts, totals: checks }, broken, said };
}
