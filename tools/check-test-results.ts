// For .ci/run: `skips FILE [MARK…]` fails when a skipped test's name has none of the marks, nor the mark of a tool
// this machine lacks (outside-tools.ts); `sum FILE…` prints the counts of all runs as one plain line.
import { readFileSync } from 'node:fs';
import { missingMarks } from './outside-tools.ts';
import {
  findUnexcusedSkips,
  formatCounts,
  parseResults,
  sumCounts,
  type ResultsFile,
} from './test-results.ts';

function readResults(path: string): ResultsFile {
  return parseResults(readFileSync(path, 'utf8'));
}

function checkSkips(path: string, marks: readonly string[]): number {
  const skips = findUnexcusedSkips(readResults(path), marks);
  for (const name of skips) console.error(`skipped, though nothing it needs is missing: ${name}`);
  return skips.length === 0 ? 0 : 1;
}

function printSum(paths: readonly string[]): number {
  console.log(formatCounts(sumCounts(paths.map(readResults))));
  return 0;
}

const [command, ...paths] = process.argv.slice(2);
process.exitCode =
  command === 'sum' ? printSum(paths) : checkSkips(paths[0] ?? '', [...paths.slice(1), ...missingMarks()]);
