import { hostname, userInfo } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';

/** Each test starts the real program several times, on a machine that may have other work. */
vi.setConfig({ testTimeout: 120_000 });

interface Entry {
  readonly at: string;
  readonly actor: string;
  readonly host: string;
  readonly action: string;
  readonly what: string;
  readonly rows: number;
  readonly reason: string | null;
}

async function say(world: EnrolmentWorld, ...argv: readonly string[]): Promise<ProgramEnd> {
  // What a person can set changes nothing of who the log says it was.
  const env = { ...world.env, USER: 'somebody-else', LOGNAME: 'somebody-else', USERNAME: 'somebody-else' };
  return await runProgram(argv, { cwd: world.cwd, env });
}

async function runIdOf(end: Promise<ProgramEnd>): Promise<string> {
  return (JSON.parse((await end).stdout) as { runId: string }).runId;
}

async function readLog(world: EnrolmentWorld, ...argv: readonly string[]) {
  const end = await say(world, 'access-log', '--json', ...argv);
  expect(end).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(end.stdout) as { entries: readonly Entry[]; isMore: boolean };
}

describe.each(ledgerEngines)('the access log ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('has an entry for each writing of a run folder: by whom the system says, and how many rows', async () => {
    await using world = await createWorld({ engine });
    expect(await readLog(world)).toEqual({ entries: [], isMore: false });
    await world.writeList('list.csv', listOf(5));
    const stopped = await runIdOf(say(world, 'run', 'job.yaml', '--limit', '2', '--json'));
    await world.writeList('list.csv', listOf(3));
    // Closes the first run, whose folder is written again, and then has a folder of its own.
    const second = await runIdOf(say(world, 'run', 'job.yaml', '--json'));

    const { entries } = await readLog(world);
    const by = { actor: userInfo().username, host: hostname(), action: 'exported', reason: null };
    expect(entries).toMatchObject([
      { ...by, what: `run folder of ${second}`, rows: 3 },
      { ...by, what: `run folder of ${stopped}`, rows: 5 },
      { ...by, what: `run folder of ${stopped}`, rows: 5 },
    ]);
    expect(await readLog(world, '--limit', '2')).toEqual({ entries: entries.slice(0, 2), isMore: true });
    const told = await say(world, 'access-log', '--limit', '1');
    expect(told.stdout).toMatch(new RegExp(`exported +run folder of ${second} +3`));
    expect(told.stdout).toContain(`${by.actor}@${by.host}`);
    expect(told.stdout).toContain('--limit shows more');
  });

  it('shows entries since a moment, and masks what looks like an id in a reason', async () => {
    await using world = await createWorld({ engine });
    const ledger = await openLedger(world.ledger.address);
    await ledger.query(
      `insert into access_log (at, actor, host, pid, action, what, rows, reason)
       values (now() - interval '40 days', 'kim', 'there', 1, 'shown', 'explain', 1, 'old'),
              (now() - interval '20 days', 'lee', 'there', 1, 'shown', 'explain', 1, 'asked by 9182736455463728190')`,
    );
    await ledger.close();
    expect((await readLog(world)).entries.map((entry) => entry.actor)).toEqual(['lee', 'kim']);
    const recent = await readLog(world, '--since', '30d');
    expect(recent.entries).toMatchObject([{ actor: 'lee', reason: 'asked by 91*************8190' }]);
    expect((await say(world, 'access-log', '--since', '1h')).stdout).toBe(
      'The access log has no such entry.\n',
    );
    expect(await say(world, 'access-log', '--since', 'May')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--since: expected a duration') as string,
    });
  });
});
