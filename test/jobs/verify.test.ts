import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { joinFlowed } from '../support/flowed-screen.ts';
import { embeddedEngine, ledgerEngines, type LedgerEngine } from '../support/ledgers.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { classesOf, summaryOf } from './program-output.ts';

const job = [
  'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }',
  'retry: { attempts: 3, backoff: 1ms..2ms }',
  'verify: { enabled: true }',
].join('\n');

/** 1: conflict, somebody else's. 2: conflict by word, though ours. 3: answer lost, it worked. 4: lost, it did not. */
const fixtures = parseFixtures(
  [
    'registered:',
    `  - { par: ${parOf(1)}, user: "77" }`,
    `  - { par: ${parOf(2)}, user: "${userIdOf(2)}" }`,
    'cards:',
    `  - { par: ${parOf(2)}, answer: "007_012" }`,
    `  - { par: ${parOf(3)}, faults: ["reset after"] }`,
    `  - { par: ${parOf(4)}, faults: ["reset before"] }`,
    '',
  ].join('\n'),
);

async function setup(engine: LedgerEngine): Promise<EnrolmentWorld> {
  const world = await createWorld({ engine, encryption: 'required', sandbox: { fixtures }, job });
  await world.writeList('list.csv', listOf(5));
  return world;
}

function rowOf(results: string, number: number): string {
  return results.split('\r\n').find((line) => line.includes(parOf(number))) ?? '';
}

describe.each(ledgerEngines)('verify: { enabled: true } ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('settles by the member’s plans what an answer left open', async () => {
    await using world = await setup(engine);
    const end = await runProgram(['run', 'job.yaml', '--json'], world);
    const summary = summaryOf(end);
    expect(classesOf(summary)).toEqual({ enrolled: 2, recovered: 1, already_active: 1, conflict: 1 });
    expect(JSON.parse(end.stdout)).toMatchObject({ calls: 6, retries: 1, inquiries: 4 });
    expect(world.sandbox.stats()).toMatchObject({ calls: 6, inquiries: 4 });

    const results = await world.readReport(summary.runId, 'results.csv');
    expect(rowOf(results, 1)).toContain(',conflict,007_012,');
    expect(rowOf(results, 2)).toContain(
      ",already_active,007_012,found among the member's active plans,nobody,1,",
    );
    expect(rowOf(results, 3)).toContain(",recovered,,found among the member's active plans,nobody,1,");
    expect(rowOf(results, 4)).toContain(',enrolled,000_000,');

    const explained = await runProgram(['explain', userIdOf(3)], world);
    expect(joinFlowed(explained.stdout)).toMatch(
      /\n {2}call \S+ \S+ Asia\/Seoul \S+: no_answer[^\n]*→ ambiguous[^\n]*\n {4}rule: [^\n]*\n {2}inquiry \S+ \S+ Asia\/Seoul \S+: HTTP 200[^\n]*→ recovered/,
    );
    const again = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    expect(again).toMatchObject({ calls: 0, exitCode: 3 });
  });

  it('killed while an inquiry is under way: nobody is called for nothing, nothing is lost', async () => {
    await using world = await setup(engine);
    // Of five records and four inquiries the seventh mark is an inquiry or a second call.
    const point = { name: 'bytes_left', count: 7, action: 'SIGKILL' } as const;
    const killed = await startProgram(['run', 'job.yaml'], { ...world, point }).ended;
    expect(killed.signal).toBe('SIGKILL');
    const summary = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    const { conflict = 0, ...success } = classesOf(summary);
    expect(summary.exitCode).toBe(3);
    expect(conflict).toBeGreaterThan(0);
    expect(Object.values(success).reduce((sum, count) => sum + count, 0)).toBe(5 - conflict);
    const truth = world.sandbox.truth().map((entry) => entry.userId);
    expect(truth.toSorted()).toEqual(['77', ...[2, 3, 4, 5].map(userIdOf)].toSorted());
  });
});

test('a provider that has no such call: exit 7, and the sentence names the setting', async () => {
  await using world = await createWorld({ engine: embeddedEngine, job, sandbox: { fixtures } });
  await world.writeList('list.csv', listOf(1));
  const noPlans = `${world.sandbox.baseUrl}/nothing-here`;
  const end = await runProgram(['run', 'job.yaml', '--json'], {
    ...world,
    env: { ...world.env, KONA_BASE_URL: noPlans },
  });
  expect(summaryOf(end)).toMatchObject({ exitCode: 7, state: 'stopped' });
});
