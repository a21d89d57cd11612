// For .ci/run: `compare-totals.ts EXPECTED SUMMARY` fails when a run's rows and classes differ from those the sample
// must give. SUMMARY is the document that `run --json` prints.
import { readFileSync } from 'node:fs';

export interface Totals {
  rowsRead: number;
  classes: Readonly<Record<string, number>>;
}

/** Returns one sentence per difference; a class that only one side names is a difference. */
export function compareTotals(expected: Totals, actual: Totals): string[] {
  const names = new Set([...Object.keys(expected.classes), ...Object.keys(actual.classes)]);
  const pairs = [
    { name: 'rowsRead', wanted: expected.rowsRead, got: actual.rowsRead },
    ...[...names].map((name) => ({ name, wanted: expected.classes[name], got: actual.classes[name] })),
  ];
  return pairs
    .filter(({ wanted, got }) => wanted !== got)
    .map(({ name, wanted, got }) => `${name}: expected ${wanted ?? 'nothing'}, got ${got ?? 'nothing'}`);
}

interface Summary {
  list: { rowsRead: number };
  classes: Record<string, number>;
  totalsAgree: boolean;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function compareFiles(expectedPath: string, summaryPath: string): string[] {
  const { list, classes, totalsAgree } = readJson(summaryPath) as Summary;
  const differences = compareTotals(readJson(expectedPath) as Totals, { rowsRead: list.rowsRead, classes });
  return totalsAgree ? differences : [...differences, 'totalsAgree is not true'];
}

if (import.meta.main) {
  const [expectedPath = '', summaryPath = ''] = process.argv.slice(2);
  const differences = compareFiles(expectedPath, summaryPath);
  for (const difference of differences) console.error(`sample totals: ${difference}`);
  if (differences.length === 0) console.log('sample totals: as expected');
  process.exitCode = differences.length === 0 ? 0 : 1;
}
