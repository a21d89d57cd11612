import { failedClasses, rejectedClasses, successClasses, type RowClass } from '../../domain/class.ts';

/** The files in addition to results.csv; every row stands in exactly one of them. */
export const reportParts = ['succeeded', 'failed', 'unprocessed', 'rejected'] as const;
export type ReportPart = (typeof reportParts)[number];

export function partOfClass(rowClass: RowClass): ReportPart {
  if (successClasses.includes(rowClass)) return 'succeeded';
  if (failedClasses.includes(rowClass)) return 'failed';
  if (rejectedClasses.includes(rowClass)) return 'rejected';
  return 'unprocessed';
}
