import { availableParallelism, totalmem } from 'node:os';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { keepScratchInMemory } from './tools/scratch-folder.ts';
import { ledgerTests, programTests, quickTests, turnOf } from './tools/test-projects.ts';

keepScratchInMemory(process.env);

/** A file for the counts of a run, beside what the terminal shows. */
const resultsFile = process.env['KONA_TEST_RESULTS'];

/** An embedded Postgres takes about 450 MB a process, and the program it starts as much again. */
const MEMORY_OF_A_WORKER = 1.5 * 2 ** 30;

/** More than cores: these tests wait for processes, servers and clocks two thirds of their time. */
const heavyWorkers = Math.max(
  1,
  Math.min(2 * availableParallelism(), Math.floor(totalmem() / MEMORY_OF_A_WORKER)),
);

/**
 * Begins what is known to take long before everything else of its group; of the rest, larger files first. A worker that
 * would go on with a file of another project ends instead, so those of one project follow each other.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // The sequencer's own, which returns a new array.
    // oxlint-disable-next-line unicorn/no-array-sort
    const sorted = await super.sort(files);
    const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;
    return sorted.toSorted(
      (a, b) =>
        groupOf(a) - groupOf(b) ||
        turnOf(a.moduleId) - turnOf(b.moduleId) ||
        b.project.name.localeCompare(a.project.name),
    );
  }
}

/** Tests in processes that each do many files, on ledgers copied from one template. */
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
      // A thread of its own memory is no boundary for the embedded Postgres.
      pool: 'forks',
      // The first run in a process takes four times the CPU of the next: modules, the engine's code, V8's compilers.
      isolate: false,
      maxWorkers: heavyWorkers,
      sequence: { groupOrder: 1 },
      // A net under what hangs and no measure of speed: at a load of 28 on two cores the kills alone took 14 minutes.
      testTimeout: 1_200_000,
      hookTimeout: 1_200_000,
    },
  };
}

/** The tests of ledger and program: those of `npm test`, those it leaves out, or all of them. */
function heavyProjects(mode: string): TestProjectInlineConfiguration[] {
  if (mode === 'quick') return [heavyProject('quick', quickTests)];
  const leftOut = mode === 'heavy' ? quickTests : [];
  return [
    heavyProject('ledger', ledgerTests, [...programTests, ...leftOut]),
    heavyProject('program', programTests, leftOut),
  ];
}

// `--mode quick` is `npm test`, `--mode heavy` is what that leaves out.
export default defineConfig(({ mode }) => ({
  test: {
    // No more than a net under a test that hangs: on a busy machine an engine alone takes half a minute to be made.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    allowOnly: false,
    reporters: resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
    sequence: { sequencer: LongestFirst },
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
          // In one group with the others of `npm test`: some of both kinds wait for clocks.
          ...(mode === 'quick' ? { maxWorkers: heavyWorkers, sequence: { groupOrder: 1 } } : {}),
        },
      },
      ...heavyProjects(mode),
    ],
  },
}));
