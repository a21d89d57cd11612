import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramOptions } from '../support/program.ts';
import type { RunSummary } from './program-output.ts';

/** Card 2 needs the customer. */
const fixtures = parseFixtures(`cards:\n  - { par: ${parOf(2)}, answer: "007_031" }\n`);

/** A world with an empty inbox and the job `desk` that reads it. */
export interface InboxWorld extends EnrolmentWorld {
  readonly inbox: string;
}

export async function setup(engine = embeddedEngine): Promise<InboxWorld> {
  const world = await createWorld({
    engine,
    sandbox: { fixtures },
    job: 'guards: { canary: 0, maxFailures: 100% }',
  });
  const inbox = join(world.cwd, 'inbox');
  await mkdir(inbox, { mode: 0o750 });
  await world.writeJob('desk', 'csv: list.csv', 'inbox: inbox');
  return { ...world, inbox, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
}

export function rowsOf(...members: readonly number[]): string {
  return members.map((member) => `${userIdOf(member)},${parOf(member)}\n`).join('');
}

export function listOf(...members: readonly number[]): string {
  return `user_id,par\n${rowsOf(...members)}`;
}

interface Failure {
  readonly error: string;
  readonly exitCode: number;
  readonly exitCause: string;
}

/** By a clock for which every file is old; the waiting itself is tested in inbox-scan.test.ts. */
export const aheadMs = 60_000;

/** Starts the job on its inbox. */
export async function start(
  world: InboxWorld,
  more: readonly string[] = [],
  options: Partial<ProgramOptions> = {},
) {
  const end = await runProgram(['run', 'desk.yaml', '--json', ...more], { ...world, aheadMs, ...options });
  const document = JSON.parse(end.stdout) as Partial<RunSummary & Failure> & {
    runs?: (RunSummary & Failure)[];
  };
  return { ...end, document, runs: document.runs ?? [document as RunSummary & Failure] };
}

export async function filesIn(world: InboxWorld, ...path: readonly string[]): Promise<string[]> {
  return (await readdir(join(world.inbox, ...path))).toSorted();
}

/** The name of the one folder there. */
export async function only(world: InboxWorld, kind: 'done' | 'refused'): Promise<string> {
  const names = await filesIn(world, kind);
  expect(names).toHaveLength(1);
  return names[0] ?? '';
}

/** The states of all runs, the oldest first. */
export async function runsIn(world: InboxWorld): Promise<string[]> {
  const ledger = await openLedger(world.ledger.address);
  const rows = await ledger.query<{ state: string }>('select state from run order by run_no');
  await ledger.close();
  return rows.map(({ state }) => state);
}
