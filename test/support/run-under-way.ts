import type { RunPoint } from '../../src/domain/run-signals.ts';
import { createWorld, listOf, type EnrolmentWorld, type WorldOptions } from './enrolment-world.ts';
import { startProgram, type ProgramOptions, type StartedProgram } from './program.ts';

/** The n-th time a point is reached. */
export type Moment = readonly [point: RunPoint, count: number];

/** The program, started and come so far; it goes on. */
export async function startUntil(
  argv: readonly string[],
  moment: Moment,
  options: Omit<ProgramOptions, 'point'>,
): Promise<StartedProgram> {
  const [name, count] = moment;
  const program = startProgram(argv, { ...options, point: { name, count, action: 'tell' } });
  await program.said(`reached ${name}`);
  return program;
}

export interface RunUnderWay extends AsyncDisposable {
  readonly world: EnrolmentWorld;
  readonly program: StartedProgram;
}

export interface RunUnderWayOptions extends WorldOptions {
  /** Length of list.csv. */
  readonly records: number;
  readonly until: Moment;
  /** Default: the job, one JSON document. */
  readonly argv?: readonly string[];
}

/** A world of its own with a run under way in it. The program is dead at the end of the scope, whatever became of it. */
export async function startRun(options: RunUnderWayOptions): Promise<RunUnderWay> {
  const { records, until, argv = ['run', 'job.yaml', '--json'], ...worldOptions } = options;
  const world = await createWorld(worldOptions);
  await world.writeList('list.csv', listOf(records));
  const program = await startUntil(argv, until, world);
  return {
    world,
    program,
    [Symbol.asyncDispose]: async () => {
      program.kill('SIGKILL');
      await program.ended;
      await world[Symbol.asyncDispose]();
    },
  };
}
