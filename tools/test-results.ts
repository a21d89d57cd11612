/** A file that vitest's json reporter wrote; only the fields that are counted. */
export interface ResultsFile {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  success: boolean;
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}

/** The tests of one or several runs of the suite. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

export function parseResults(json: string): ResultsFile {
  return JSON.parse(json) as ResultsFile;
}

export function sumCounts(results: readonly ResultsFile[]): TestCounts {
  return {
    passed: sum(results.map((file) => file.numPassedTests)),
    failed: sum(results.map((file) => file.numFailedTests)),
    skipped: sum(results.map((file) => file.numPendingTests + file.numTodoTests)),
  };
}

/**
 * Returns the full names of skipped tests that none of `allowedMarks` excuses. A test is named after a tool that it
 * needs: `… (server Postgres)`.
 */
export function findUnexcusedSkips(results: ResultsFile, allowedMarks: readonly string[] = []): string[] {
  return results.testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => fullName)
    .filter((name) => !allowedMarks.some((mark) => name.includes(mark)));
}

export function formatCounts({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
