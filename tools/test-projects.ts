// Says which vitest project a test file belongs to, and finds unit tests that open a ledger or start a process.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob, posix } from 'node:path';

/** The end of a test file's name, or its folder, decides about its project; all others are unit tests. */
export const programTests = ['test/**/*.program.test.ts', 'test/{jobs,crash}/**/*.test.ts'];
export const ledgerTests = ['test/**/*.ledger.test.ts', 'test/{ledger,contract}/**/*.test.ts'];

/**
 * The ledger and program tests that `npm test` runs, one or two for each kind of thing. `npm run test:heavy` runs the
 * others.
 */
export const quickTests = [
  'test/crash/kill.test.ts',
  'test/jobs/lifecycle.test.ts',
  'test/ledger/contract.test.ts',
  'test/readme.program.test.ts',
  'test/report/golden.ledger.test.ts',
  'test/report/html/page-in-browser.program.test.ts',
  'test/report/sample-folder.ledger.test.ts',
];

/** The slowest test files, slowest first: if one began last, it would run on alone. */
export const longestTests = [
  'test/contract/every-answer.test.ts',
  'test/jobs/shared-allowance.test.ts',
  'test/jobs/reconcile-provider.test.ts',
  'test/crash/kill.test.ts',
  'test/jobs/ledger-lost.test.ts',
  'test/crash/soak.test.ts',
  'test/bench/bench.program.test.ts',
  'test/jobs/secrecy.test.ts',
  'test/jobs/lifecycle.test.ts',
  'test/jobs/inbox.test.ts',
  'test/jobs/purge.test.ts',
  'test/dispatch/rate-blocked.test.ts',
  'test/dispatch/rate-faults.test.ts',
  'test/dispatch/rate.test.ts',
];

/** Returns the position of a file in the order of starting; equal for all files that are not known to be slow. */
export function turnOf(path: string): number {
  const place = longestTests.findIndex((file) => path.replaceAll('\\', '/').endsWith(file));
  return place < 0 ? longestTests.length : place;
}

/** Imports that make a test a program test, because with them a file starts a process. */
const startsProcess = ['node:child_process', 'node:cluster', 'src/cli/bin.ts', 'src/cli/program.ts'];

/** Imports that make a test a ledger test, because with them a file opens a ledger. */
const opensLedger = [
  '@electric-sql/pglite',
  'src/ledger/engine/open-ledger.ts',
  'src/ledger/engine/embedded-ledger.ts',
  'src/ledger/engine/server-ledger.ts',
  'test/support/ledgers.ts',
  'test/support/ledger-template.ts',
];

const RUNTIME_IMPORT =
  /^(?:import|export)\s+(?!type\b)[^;'"`]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|\bnew URL\(\s*['"]([^'"]+\.ts)['"]/gm;

/**
 * Reads a file of the repository by its path with forward slashes. Never rejects: a missing file is an empty text.
 */
export type ReadSource = (path: string) => string;

/**
 * Returns one sentence for every test file that reaches, through files below `test/`, something that its project must
 * not have. The sources themselves are not followed: nearly all of them know the ledger, and importing is not
 * opening.
 */
export function findMisplacedTests(testFiles: readonly string[], read: ReadSource): string[] {
  return testFiles.flatMap((file) => {
    const project = projectOf(file);
    if (project === 'program') return [];
    const reached = reachedFrom(file, read);
    const wayTo = (targets: readonly string[]): string | undefined =>
      targets.map((target) => reached.get(target)).find((way) => way !== undefined);
    const process = wayTo(startsProcess);
    if (process !== undefined)
      return [`${file} starts a process (${process}): name it ${renamed(file, 'program')}`];
    const ledger = project === 'unit' ? wayTo(opensLedger) : undefined;
    return ledger === undefined
      ? []
      : [`${file} opens a ledger (${ledger}): name it ${renamed(file, 'ledger')}`];
  });
}

export function projectOf(file: string): 'unit' | 'ledger' | 'program' {
  if (programTests.some((glob) => matchesGlob(file, glob))) return 'program';
  return ledgerTests.some((glob) => matchesGlob(file, glob)) ? 'ledger' : 'unit';
}

/** Returns everything a test file imports at run time, with the path to it: `a.ts → b.ts → node:child_process`. */
function reachedFrom(file: string, read: ReadSource): ReadonlyMap<string, string> {
  const ways = new Map([[file, file]]);
  for (const [path, way] of ways) {
    if (!path.startsWith('test/')) continue;
    for (const target of importsOf(path, read(path))) {
      if (!ways.has(target)) ways.set(target, `${way} → ${target}`);
    }
  }
  return ways;
}

function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(RUNTIME_IMPORT)].map((match) => {
    const name = match.slice(1).find((part) => part !== undefined) ?? '';
    return name.startsWith('.') || match[4] !== undefined ? posix.join(dirname(path), name) : name;
  });
}

function renamed(file: string, project: string): string {
  return file.replace(/(?:\.ledger)?\.test\.ts$/, `.${project}.test.ts`);
}

/** Returns every test file of the repository at `root`, and a way to read the files and their imports. */
export function testFilesOf(root: string): { readonly files: readonly string[]; readonly read: ReadSource } {
  const files = globSync('test/**/*.test.ts', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  const texts = new Map<string, string>();
  const load = (path: string): string => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch {
      return '';
    }
  };
  return {
    files: files.toSorted(),
    read: (path) => {
      const text = texts.get(path) ?? load(path);
      texts.set(path, text);
      return text;
    },
  };
}
