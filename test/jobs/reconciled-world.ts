import { expect } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/wire/server.ts';
import {
  createWorld,
  listOf,
  parOf,
  userIdOf,
  type EnrolmentWorld,
  type WorldOptions,
} from '../support/enrolment-world.ts';
import type { LedgerEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd, type ProgramOptions } from '../support/program.ts';
import { summaryOf } from './program-output.ts';

interface Told {
  readonly reconciliationId: string;
  readonly state: string;
  readonly exitCode: number;
  readonly reason: string;
  readonly members: number;
  readonly answered: number;
  readonly unclear: number;
  readonly calls: number;
  readonly breaks:
    | null
    | readonly {
        readonly kind: string;
        readonly fresh: number;
        readonly stillOpen: number;
        readonly gone: number;
      }[];
}

export function toldBy(end: ProgramEnd): Told {
  const told = JSON.parse(end.stdout) as Told;
  expect(end.exitCode).toBe(told.exitCode);
  return told;
}

/** Breaks by kind: new, still open, gone. */
export function figuresOf({ breaks }: Told): Record<string, readonly [number, number, number]> {
  return Object.fromEntries(
    (breaks ?? []).map(({ kind, fresh, stillOpen, gone }) => [kind, [fresh, stillOpen, gone]]),
  );
}

/** A list of members 1 to `members`, each with the card of its number, run to its end. */
export async function setup(
  engine: LedgerEngine,
  members: number,
  options: Omit<WorldOptions, 'engine'> = {},
): Promise<EnrolmentWorld> {
  const job = [
    'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }',
    'retry: { attempts: 3, backoff: 1ms..2ms }',
  ].join('\n');
  const world = await createWorld({ engine, job, ...options });
  await world.writeList('list.csv', listOf(members));
  summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world));
  return world;
}

/** The provider as it is later: `member: cards` of everybody, and what else the fixtures say. */
export async function startLater(
  plans: Readonly<Record<number, readonly number[]>>,
  members: readonly string[] = [],
): Promise<Sandbox & AsyncDisposable> {
  const registered = Object.entries(plans).flatMap(([member, cards]) =>
    cards.map((card) => `  - { user: "${userIdOf(Number(member))}", par: ${parOf(card)} }`),
  );
  const lines = [
    ...(registered.length === 0 ? [] : ['registered:', ...registered]),
    ...(members.length === 0 ? [] : ['members:', ...members]),
  ];
  const fixtures = parseFixtures(`${lines.join('\n')}\n`);
  const sandbox = await startSandbox(lines.length === 0 ? {} : { fixtures });
  return Object.assign(sandbox, { [Symbol.asyncDispose]: async () => await sandbox.close() });
}

export function truthOf(members: number): Record<number, readonly number[]> {
  return Object.fromEntries(Array.from({ length: members }, (_, index) => [index + 1, [index + 1]]));
}

const command = ['reconcile', '--against', 'provider'];

/** Settings kept with a run name its provider; of the provider as it is later a job file says where it is. */
export async function reconcile(
  world: EnrolmentWorld,
  { baseUrl }: { readonly baseUrl: string },
  { argv = [], point }: { readonly argv?: readonly string[]; readonly point?: ProgramOptions['point'] } = {},
): Promise<ProgramEnd> {
  const isSame = baseUrl === world.sandbox.baseUrl;
  const settings = isSame || argv.includes('--job-file') ? [] : ['--job-file', 'job.yaml'];
  return await runProgram([...command, '--json', ...settings, ...argv], {
    cwd: world.cwd,
    env: { ...world.env, KONA_BASE_URL: baseUrl },
    ...(point === undefined ? {} : { point }),
  });
}
