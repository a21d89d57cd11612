import type { BreakKind } from '../../src/domain/reconciliation/break.ts';
import type { Queryable } from '../../src/ledger/ledger-port.ts';
import {
  observeSelected,
  type BreakMoment,
  type BreakScope,
  type ObservedBreaks,
} from '../../src/ledger/breaks/break-table.ts';

/** Something a comparison found. Of one scope. */
export interface BreakFinding {
  readonly kind: BreakKind;
  /** The record; what it is of each kind says migration 0007. */
  readonly userId: string;
  readonly par: string;
  /** other_member, and nothing else: the member among whose plans the PAR was found. */
  readonly otherUserId: string | null;
  /** par_changed, and nothing else: the PAR that is enrolled. */
  readonly otherPar: string | null;
  /** Without ids. */
  readonly details: string | null;
}

/** Enters findings of a test's own, as a comparison enters those it selects. No finding twice in one set. */
export async function observeBreaks(
  on: Queryable,
  scope: Pick<BreakScope, 'provider' | 'job'>,
  findings: readonly BreakFinding[],
  moment: BreakMoment,
): Promise<ObservedBreaks> {
  return await observeSelected(on, scope, moment, {
    sql: `select * from unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
            as f(kind, user_id, par, other_user_id, other_par, details)`,
    parameters: [
      findings.map((finding) => finding.kind),
      findings.map((finding) => finding.userId),
      findings.map((finding) => finding.par),
      findings.map((finding) => finding.otherUserId),
      findings.map((finding) => finding.otherPar),
      findings.map((finding) => finding.details),
    ],
  });
}
