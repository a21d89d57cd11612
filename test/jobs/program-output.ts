import { expect } from 'vitest';
import type { ProgramEnd } from '../support/program.ts';

/** Of `run --json`: what these tests look at. */
export interface RunSummary {
  readonly runId: string;
  readonly state: string;
  readonly exitCode: number;
  readonly exitReason: string;
  readonly totalsAgree: boolean;
  readonly calls: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly givenClasses: readonly object[];
  readonly list: { readonly rowsRead: number };
  readonly rate: { readonly concurrencyLearnt?: number };
}

/** The summary of a run that came to an end, stdout being one JSON document; its totals agree. */
export function summaryOf(end: ProgramEnd): RunSummary {
  const summary = JSON.parse(end.stdout) as RunSummary;
  expect(end.exitCode).toBe(summary.exitCode);
  expect(summary.totalsAgree).toBe(true);
  expect(Object.values(summary.classes).reduce((sum, count) => sum + count, 0)).toBe(summary.list.rowsRead);
  return summary;
}

/** The classes that are not zero. */
export function classesOf(summary: RunSummary): Record<string, number> {
  return Object.fromEntries(Object.entries(summary.classes).filter(([, count]) => count > 0));
}

/** A failure told with `--json`: exactly one document, the same words on stderr. Returns the words. */
export function failureOf(end: ProgramEnd, exitCode: number): string {
  expect({ exitCode: end.exitCode, stderr: end.stderr }).toMatchObject({ exitCode });
  const document = JSON.parse(end.stdout) as { error: string; exitCause: string };
  expect(document).toEqual({ error: document.error, exitCode, exitCause: document.exitCause });
  expect(document.error).toMatch(/./);
  expect(end.stderr).toContain(`kona-enroll: ${document.error}\n`);
  expect(end.stderr).not.toMatch(/bug in kona-enroll|\n\s+at /);
  return document.error;
}

/** The same failure without `--json`: nothing on stdout, the words on stderr. */
export function expectPlainFailure(end: ProgramEnd, exitCode: number, words: string): void {
  expect(end).toMatchObject({ exitCode, stdout: '' });
  expect(end.stderr).toContain(`kona-enroll: ${words}\n`);
}
