import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { keepScratchInMemory } from './tools/scratch-folder.ts';
import { ledgerTests, programTests, quickTests } from './tools/test-projects.ts';

keepScratchInMemory(process.env);

/** A file for the counts of a run, beside what the terminal shows. */
const resultsFile = process.env['KONA_TEST_RESULTS'];

/** Tests of a process of their own, on ledgers copied from one template. */
function heavyProject(
  name: string,
  include: string[],
  exclude: readonly string[] = [],
): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name,
      include,
      exclude: [...configDefaults.exclude, ...exclude],
      globalSetup: ['test/support/ledger-template.ts'],
      // The embedded Postgres takes about 450 MB a process, and a thread of its own memory is no boundary for it.
      pool: 'forks',
      maxWorkers: 2,
      sequence: { groupOrder: 1 },
    },
  };
}

// `--mode quick` is `npm test`.
export default defineConfig(({ mode }) => ({
  test: {
    tags: [{ name: 'full', description: 'Exhaustive: for `npm run test:full` only.' }],
    // No more than a net under a test that hangs: on a busy machine an engine alone takes half a minute to be made.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    allowOnly: false,
    reporters: resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
    coverage: { include: ['src/**/*.ts'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...programTests, ...ledgerTests],
          // Files share the modules of their worker, which is sound because a unit test leaves no state behind.
          pool: 'threads',
          isolate: false,
        },
      },
      ...(mode === 'quick'
        ? [heavyProject('quick', quickTests)]
        : [heavyProject('ledger', ledgerTests, programTests), heavyProject('program', programTests)]),
    ],
  },
}));
