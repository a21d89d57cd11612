import { defineConfig } from 'vitest/config';

/** A file for the counts of a run, beside what the terminal shows. */
const resultsFile = process.env['KONA_TEST_RESULTS'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/ledger-template.ts'],
    // The embedded Postgres takes about 450 MB a process, and a thread of its own memory is no boundary for it.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    allowOnly: false,
    reporters: resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
    coverage: { include: ['src/**/*.ts'] },
  },
});
