import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import type { SandboxOptions } from '../../src/sandbox/wire/server.ts';
import { createWorld, listOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

async function setup(records: number, sandbox: SandboxOptions): Promise<EnrolmentWorld> {
  const world = await createWorld({
    engine: embeddedEngine,
    sandbox,
    job: 'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }\nretry: { attempts: 3, backoff: 1ms..5ms }',
  });
  await world.writeList('list.csv', listOf(records));
  return world;
}

const program = ['run', 'job.yaml', '--json'];

test('a gateway that puts ids of its own on every answer: stopped after 20 with the setting named; with it the run goes on', async () => {
  await using world = await setup(40, { faults: { seed: 1, correlationIds: 'own' } });
  const begun = summaryOf(await runProgram(program, world));
  expect(begun).toMatchObject({ exitCode: 7, exitCause: 'wrong_setup' });
  expect(begun.exitReason).toContain('provider.correlationEcho: ignore');
  expect(begun.calls).toBeLessThan(30);
  const file = join(world.cwd, 'job.yaml');
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('name: truth', 'name: truth, correlationEcho: ignore'),
  );
  const ended = summaryOf(await runProgram(program, world));
  expect(ended).toMatchObject({ exitCode: 0, runId: begun.runId, state: 'complete' });
  expect(world.sandbox.truth()).toHaveLength(40);
});

test('a gateway that puts ids of its own on what it refuses itself stops nothing', async () => {
  await using world = await setup(60, {
    faults: { seed: 3, correlationIds: 'own-on-refusals', odds: { '429': 0.1, '503 before': 0.05 } },
  });
  const ended = await runProgram(program, world);
  expect(classesOf(summaryOf(ended))).toEqual({ enrolled: 60 });
  expect(ended.stderr).not.toContain('X-KM-Correlation-Id');
});

test('answers without an id are believed, and told once', async () => {
  await using world = await setup(30, { faults: { seed: 1, correlationIds: 'missing' } });
  const ended = await runProgram(program, world);
  expect(classesOf(summaryOf(ended))).toEqual({ enrolled: 30 });
  expect(ended.stderr.match(/carry no X-KM-Correlation-Id/g)).toHaveLength(1);
});

test('swapped answers make nobody a success who is none, and the id that came is kept', async () => {
  await using world = await setup(60, { faults: { seed: 5, odds: { 'swapped before': 0.1 } } });
  const ended = summaryOf(await runProgram(program, world));
  const { enrolled = 0, recovered = 0, already_active: active = 0 } = ended.classes;
  expect(enrolled + recovered + active).toBe(world.sandbox.truth().length);
  const ledger = await openLedger(world.ledger.address);
  const others = await ledger.query<{ user_id: string; answer_correlation_id: string; outcome: string }>(
    `select e.user_id, a.answer_correlation_id, a.outcome from attempt a join enrollment e on e.record_no = a.record_no
     where a.answer_correlation_id is not null`,
  );
  await ledger.close();
  expect(others.length).toBeGreaterThan(0);
  expect(others.filter((one) => one.outcome !== 'ambiguous')).toEqual([]);
  const [first] = others;
  const explained = await runProgram(['explain', first?.user_id ?? userIdOf(1)], world);
  expect(explained.stdout).toContain(`the answer carried ${first?.answer_correlation_id}`);
});
