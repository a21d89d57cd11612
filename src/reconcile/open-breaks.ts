import type { BreakFigures } from '../domain/reconciliation/break.ts';

/** Those somebody must look at: explained ones need nobody. */
export function countOpenBreaks(figures: readonly BreakFigures[]): number {
  return figures.reduce((sum, { fresh, stillOpen }) => sum + fresh + stillOpen, 0);
}
