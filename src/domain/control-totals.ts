import { rowClasses, type RowClass } from './class.ts';

/** Rows of one run by class; every class has its count, also zero. */
export type ClassCounts = Readonly<Record<RowClass, number>>;

export function emptyClassCounts(): Record<RowClass, number> {
  return Object.fromEntries(rowClasses.map((name) => [name, 0])) as Record<RowClass, number>;
}

export function sumOfClasses(counts: ClassCounts): number {
  return rowClasses.reduce((sum, name) => sum + counts[name], 0);
}
