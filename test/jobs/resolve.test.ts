import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { observeBreaks } from '../support/observed-breaks.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { joinFlowed } from '../support/flowed-screen.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { failureOf, summaryOf } from './program-output.ts';

/** Member 1 has bad data, 2 an unknown code; the rest is enrolled. */
const fixtures = parseFixtures(
  [
    'cards:',
    `  - { par: ${parOf(1)}, answer: "001_003" }`,
    `  - { par: ${parOf(2)}, answer: "009_999" }`,
    '',
  ].join('\n'),
);

async function setup(engine = embeddedEngine) {
  const world = await createWorld({ engine, sandbox: { fixtures } });
  await world.writeList('list.csv', listOf(4));
  return world;
}

async function runJob(world: EnrolmentWorld) {
  const end = await runProgram(['run', 'job.yaml', '--json'], world);
  return { ...summaryOf(end), code: end.exitCode };
}

async function resolve(world: EnrolmentWorld, ...argv: readonly string[]) {
  return await runProgram(['resolve', ...argv], world);
}

async function refusal(world: EnrolmentWorld, ...argv: readonly string[]): Promise<string> {
  return failureOf(await runProgram(['resolve', ...argv, '--json'], world), 2);
}

describe.each(ledgerEngines)('resolve ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('settles records: the next run of the list raises no exit code, until a record is taken back', async () => {
    await using world = await setup(engine);
    const first = await runJob(world);
    expect(first).toMatchObject({ code: 4, resolved: 0 });

    const note = `member ${userIdOf(1)} has a new card`;
    const settled = await resolve(world, `${first.runId}:2`, '--note', note);
    expect(settled).toMatchObject({ exitCode: 0, stderr: '' });
    expect(settled.stdout).toMatch(
      /^Settled by [^@\n]+@\S+: member 99\*+0001, PAR PA\*+0001, [^\n]*bad_data \(001_003\)$/m,
    );
    expect(settled.stdout).toContain('note: member 99*************0001 has a new card');
    const explained = joinFlowed((await runProgram(['explain', `${first.runId}:2`], world)).stdout);
    expect(explained).toMatch(
      /^ {2}next: settled by \S+@\S+ on \d{4}-\d\d-\d\d: member 99\*+0001 has a new card \(no list calls it/m,
    );
    expect(explained).toMatch(/^ {4}rule: built in, 001_003 is bad_data: /m);
    const second = await runJob(world);
    expect(second).toMatchObject({ code: 4, resolved: 1 });

    expect((await resolve(world, userIdOf(2), '--note', 'the provider says: harmless')).exitCode).toBe(0);
    const third = await runJob(world);
    expect(third).toMatchObject({ code: 0, resolved: 2, totalsAgree: true });
    expect(third.exitReason).toContain('complete; every row is done; 2 rows settled by a person');
    const failed = (await world.readReport(third.runId, 'failed.csv')).split('\r\n');
    expect(failed[1]).toMatch(
      /,bad_data,001_003,[^\r]*,nobody,.*,settled by \S+@\S+ on \d{4}-\d\d-\d\d: member 99\*+0001 has a new card,\S+$/,
    );
    expect(failed[2]).toMatch(/,unknown_code,009_999,[^\r]*,nobody,.*: the provider says: harmless,\S+$/);
    const nobody = { customer: 0, list_owner: 0, operations: 0, developer: 0 };
    const overview = await runProgram(['status', '--json'], world);
    expect(JSON.parse(overview.stdout)).toMatchObject({
      runs: [
        { runId: third.runId, needs: nobody },
        { runId: second.runId, needs: { ...nobody, developer: 1 } },
        { runId: first.runId, needs: { ...nobody, list_owner: 1, developer: 1 } },
      ],
    });
    const status = await runProgram(['status', third.runId, '--json'], world);
    expect(JSON.parse(status.stdout)).toMatchObject({
      needs: nobody,
      resolved: 2,
      folder: join(world.cwd, 'runs', third.runId),
    });
    // What an earlier run said of its rows stays.
    expect(await world.readReport(second.runId, 'failed.csv')).toMatch(
      /,unknown_code,009_999,[^\r]*,developer,/,
    );

    expect((await resolve(world, parOf(2), '--undo')).stdout).toMatch(/^Undone: member 99\*+0002,/);
    expect(await runJob(world)).toMatchObject({ code: 4, resolved: 1 });
  });

  it('retry leaves settled records out and says so; a class or a code that is named takes them', async () => {
    const withdrawn = [1, 2].map((n) => `  - { par: ${parOf(n)}, answer: "007_031" }\n`);
    await using world = await createWorld({
      engine,
      sandbox: { fixtures: parseFixtures(`cards:\n${withdrawn.join('')}`) },
    });
    await world.writeList('list.csv', listOf(4));
    const { runId } = await runJob(world);
    await resolve(world, `${runId}:2`, '--note', 'has left');
    const retry = async (...argv: readonly string[]) =>
      await runProgram(['retry', '--run', runId, '--json', ...argv], world);
    const byDefault = await retry();
    expect(summaryOf(byDefault)).toMatchObject({ calls: 1, list: { rowsRead: 1 } });
    expect(byDefault.stderr).toContain(
      `taking 1 row from ${runId}: action_required 1\n1 row that a person has settled is left out; --class or --code takes such rows too\n`,
    );
    for (const named of [
      ['--class', 'action_required'],
      ['--code', '007_031'],
      // The very classes taken by default.
      ['--class', 'action_required,transient,ambiguous,unprocessed'],
    ]) {
      const taken = await retry(...named);
      expect(summaryOf(taken)).toMatchObject({ calls: 2, list: { rowsRead: 2 } });
      expect(taken.stderr).not.toContain('left out');
    }
    await resolve(world, `${runId}:3`, '--note', 'has left too');
    const nothing = await retry();
    expect(summaryOf(nothing)).toMatchObject({ calls: 0, list: { rowsRead: 0 } });
    expect(nothing.stderr).toContain(
      `taking no rows from ${runId}\n2 rows that a person has settled are left out;`,
    );
  });
});

test('a record that is called again and answers the same stays settled, with another code it asks again', async () => {
  await using world = await setup();
  const first = await runJob(world);
  await resolve(world, `${first.runId}:2`, '--note', 'known');
  await resolve(world, `${first.runId}:3`, '--note', 'known');
  const retry = ['retry', '--run', first.runId, '--class', 'bad_data,unknown_code', '--json'];
  const same = await runProgram(retry, world);
  expect({ code: same.exitCode, ...summaryOf(same) }).toMatchObject({ code: 0, calls: 2, resolved: 2 });
  await world.writeJob('proof', 'limits:', 'outcomes: { "009_999": conflict }\nlimits:');
  const other = await runProgram([...retry, '--job-file', 'proof.yaml'], world);
  expect({ code: other.exitCode, ...summaryOf(other) }).toMatchObject({ code: 3, calls: 2, resolved: 1 });
});

test('what can’t be settled is refused, without an id', async () => {
  await using world = await setup();
  await world.writeList('list.csv', `${listOf(4)}5,broken,nobody\n${userIdOf(3)},${parOf(2)},shared\n`);
  const { runId } = await runJob(world);
  expect(await refusal(world, userIdOf(1))).toMatch(/^resolve: say why with --note/);
  expect(await refusal(world, userIdOf(1), '--note', ' \n ')).toMatch(/^resolve: say why with --note/);
  expect(await refusal(world, userIdOf(1), '--note', 'x'.repeat(501))).toMatch(/500 characters at most$/);
  expect(await refusal(world, userIdOf(1), '--undo', '--note', 'x')).toMatch(
    /cannot be given together with --note$/,
  );
  expect(await refusal(world, userIdOf(1), '--undo')).toMatch(/^member 99\*+0001.* is not settled$/);
  expect(await refusal(world, userIdOf(4), '--note', 'x')).toBe(
    'there is nothing to settle: the record is enrolled, a success',
  );
  expect(await refusal(world, '12345678901', '--note', 'x')).toBe(
    'the ledger knows no record with 12*****8901',
  );
  expect(await refusal(world, `${runId}:6`, '--note', 'x')).toMatch(
    /^that row is rejected: it has no record/,
  );
  expect(await refusal(world, `${runId}:99`, '--note', 'x')).toMatch(/^no row of run \S+ starts on line 99$/);
});

test('of several records with one id a person must name the one', async () => {
  await using world = await setup();
  await world.writeList('list.csv', `user_id,par\n${userIdOf(7)},${parOf(1)}\n${userIdOf(7)},${parOf(2)}\n`);
  const { runId } = await runJob(world);
  const refused = await refusal(world, userIdOf(7), '--note', 'x');
  expect(refused).toMatch(
    /^2 records could be meant; name one by <run>:<line>[^\n]*\n {2}member 99\*+0007, PAR PA\*+0001/,
  );
  expect((await resolve(world, `${runId}:2`, '--note', 'x')).exitCode).toBe(0);
});

test('settling a record explains its breaks, those found later too, until it is taken back', async () => {
  await using world = await setup();
  const { runId } = await runJob(world);
  const reconcile = async () => {
    const end = await runProgram(['reconcile', '--job', 'proof', '--json'], world);
    return { code: end.exitCode, ...(JSON.parse(end.stdout) as { breaks: readonly object[] }) };
  };
  // Member 2 before anything was compared, member 1 after.
  await resolve(world, `${runId}:3`, '--note', 'the provider says: harmless');
  const first = await reconcile();
  expect(first.code).toBe(3);
  expect(first.breaks).toMatchObject([{ kind: 'not_enrolled', fresh: 1, explained: 1 }]);
  const settled = await resolve(world, userIdOf(1), '--note', 'card is being replaced');
  expect(settled.stdout).toMatch(/^ {2}note: card is being replaced\n {2}It explains break \d+ too\.$/m);
  expect(await reconcile()).toMatchObject({ code: 0, breaks: [{ kind: 'not_enrolled', explained: 2 }] });

  await resolve(world, userIdOf(1), '--undo');
  const undone = await reconcile();
  expect(undone.code).toBe(3);
  expect(undone.breaks).toMatchObject([{ kind: 'not_enrolled', explained: 1 }]);
});

test('a break is explained by its number, in place of an earlier explanation', async () => {
  await using world = await setup();
  expect((await runProgram(['migrate'], world)).exitCode).toBe(0);
  expect(await refusal(world, 'break:1', '--note', 'x')).toMatch(/^there is no break 1/);
  expect(await refusal(world, 'break:0', '--note', 'x')).toMatch(/^break:N: expected the number of a break/);
  const ledger = await openLedger(world.ledger.address);
  const at = { at: new Date('2026-11-22T16:00:00Z'), night: '2026-11-22' };
  const finding = {
    kind: 'missing_at_provider',
    userId: '12',
    par: parOf(1),
    otherUserId: null,
    otherPar: null,
    details: null,
  } as const;
  await observeBreaks(ledger, { provider: 'truth', job: null }, [finding], at);
  await ledger.close();
  const explained = await resolve(world, 'break:1', '--note', 'member 12 has left');
  expect(explained.stdout).toMatch(
    /^Explained by \S+@\S+: break 1, missing_at_provider, member \*\*\n {2}note: member \*\* has left\n/,
  );
  const again = await runProgram(['resolve', 'break:1', '--note', 'other', '--json'], world);
  expect(JSON.parse(again.stdout)).toMatchObject({
    break: 1,
    state: 'explained',
    explained: { note: 'other' },
  });
  expect(await refusal(world, 'break:1', '--undo')).toMatch(/^--undo: a break cannot be undone/);
});
