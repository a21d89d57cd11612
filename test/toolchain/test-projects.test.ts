import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  findMisplacedTests,
  longestTests,
  projectOf,
  quickTests,
  testFilesOf,
  turnOf,
} from '../../tools/test-projects.ts';

// Written so that this file itself is not found to import them.
const pglite = '@electric-sql/pglite';
const bin = 'src/cli/bin.ts';

/** What the check says of one test file, in a repository of these files. */
function check(files: Readonly<Record<string, string>>): string[] {
  const tests = Object.keys(files).filter((name) => name.endsWith('.test.ts'));
  return findMisplacedTests(tests, (path) => files[path] ?? '');
}

test('a file of this repository is in the project that can run it', () => {
  const { files, read } = testFilesOf(fileURLToPath(new URL('../..', import.meta.url)));
  expect(files.length).toBeGreaterThan(200);
  expect(findMisplacedTests(files, read)).toEqual([]);
});

test('what `npm test` runs of the ledger and the program is there', () => {
  const { files } = testFilesOf(fileURLToPath(new URL('../..', import.meta.url)));
  expect(quickTests.filter((file) => !files.includes(file))).toEqual([]);
  expect(quickTests.map(projectOf)).not.toContain('unit');
});

test('what is begun first is there, in its order, wherever the clone is', () => {
  const { files } = testFilesOf(fileURLToPath(new URL('../..', import.meta.url)));
  expect(longestTests.filter((file) => !files.includes(file))).toEqual([]);
  const [first = '', second = ''] = longestTests;
  const order = ['test/domain/masking.test.ts', second, first].map((file) => `/home/someone/clone/${file}`);
  expect(order.toSorted((a, b) => turnOf(a) - turnOf(b))).toEqual(order.toReversed());
});

test.each([
  ['test/domain/par.test.ts', 'unit'],
  ['test/report/page.ledger.test.ts', 'ledger'],
  ['test/ledger/views.test.ts', 'ledger'],
  ['test/contract/every-answer.test.ts', 'ledger'],
  ['test/cli/bin.program.test.ts', 'program'],
  ['test/jobs/purge.test.ts', 'program'],
  ['test/crash/deep/kill.test.ts', 'program'],
  ['test/jobs/purge.ledger.test.ts', 'program'],
])('%s is a %s test', (file, project) => {
  expect(projectOf(file)).toBe(project);
});

describe('a unit test that opens a ledger or starts a process is told so', () => {
  test.each([
    ["import { openTestLedger } from '../support/ledgers.ts';", 'opens a ledger', 'ledger'],
    ["import { openLedger } from '../../src/ledger/engine/open-ledger.ts';", 'opens a ledger', 'ledger'],
    [`const { PGlite } = await import('${pglite}');`, 'opens a ledger', 'ledger'],
    ["import { spawn } from 'node:child_process';", 'starts a process', 'program'],
    [`const bin = fileURLToPath(new URL('../../${bin}', import.meta.url));`, 'starts a process', 'program'],
    ["import {\n  execFile,\n  spawn,\n} from 'node:child_process';", 'starts a process', 'program'],
    ["export * from 'node:child_process';", 'starts a process', 'program'],
    ["import 'node:cluster';", 'starts a process', 'program'],
  ])('%s', (text, sentence, project) => {
    const said = check({ 'test/run/a.test.ts': text });
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`test/run/a.test.ts ${sentence}`);
    expect(said[0]).toContain(`name it test/run/a.${project}.test.ts`);
  });

  test('also where only a file it imports does, which is named', () => {
    expect(
      check({
        'test/run/a.test.ts': "import { world } from './world.ts';",
        'test/run/world.ts': "import { office } from '../support/office.ts';",
        'test/support/office.ts': "import { execFile } from 'node:child_process';",
      }),
    ).toEqual([
      'test/run/a.test.ts starts a process (test/run/a.test.ts → test/run/world.ts → test/support/office.ts → ' +
        'node:child_process): name it test/run/a.program.test.ts',
    ]);
  });

  test('a ledger test may open a ledger and start no process', () => {
    const ledger = "import { openTestLedger } from '../support/ledgers.ts';";
    expect(check({ 'test/run/a.ledger.test.ts': ledger })).toEqual([]);
    expect(
      check({ 'test/run/a.ledger.test.ts': `${ledger}\nimport { spawn } from 'node:child_process';` })[0],
    ).toContain('name it test/run/a.program.test.ts');
  });

  test('importing a source that knows the ledger, or a type, opens nothing', () => {
    expect(
      check({
        'test/cli/a.test.ts':
          "import { main } from '../../src/cli/main.ts';\nimport type { LedgerWorld } from '../support/ledgers.ts';",
        'src/cli/main.ts': "import { openLedger } from '../ledger/engine/open-ledger.ts';",
        'test/support/ledgers.ts': '',
      }),
    ).toEqual([]);
  });
});
