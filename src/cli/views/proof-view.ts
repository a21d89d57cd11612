import { brokenChecks } from '../../domain/control-totals.ts';
import type { RunProof } from '../../run/finish/prove-run.ts';

/** Returns a run's totals as they were just proved, for JSON. */
export function describeProof({ totals }: Pick<RunProof, 'totals'>): object {
  const { checks, broken, said } = totals;
  return {
    agree: broken.length === 0,
    broken,
    said,
    checks: checks.length,
    disagreeing: brokenChecks(checks),
  };
}

/** Returns the same for people; nothing where nothing was proved. */
export function formatProof(proof: Pick<RunProof, 'totals'> | null): string[] {
  if (proof === null) return [];
  const { broken } = proof.totals;
  if (broken.length === 0) return ['Totals agree\n'];
  return ['BROKEN TOTALS:\n', ...broken.map((sentence) => `  ${sentence}\n`)];
}
