import { hostname, userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { ledgerEngines } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';

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

/** An instant of a JSON document as people are told it. */
function inSeoul(instant = 'none'): string {
  return new Date(Date.parse(instant) + 9 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}

async function explainFirst(world: EnrolmentWorld, id: string) {
  const { records } = JSON.parse((await say(world, 'explain', id, '--json')).stdout) as {
    records: readonly { readonly calls?: readonly { readonly sentAt: string }[] }[];
  };
  return records[0] ?? {};
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
    // In the zone of the last run, told once.
    expect(told.stdout).toMatch(/^ {2}at \(Asia\/Seoul\) /);
    expect(told.stdout).toMatch(new RegExp(`^ {2}${inSeoul(entries[0]?.at)} `, 'm'));
    expect(told.stdout).toContain('--limit shows more');
  });

  it('has who was shown whole ids and why, before they are shown; without a reason nobody is', async () => {
    await using world = await createWorld({ engine });
    await world.writeList('list.csv', listOf(2));
    const runId = await runIdOf(say(world, 'run', 'job.yaml', '--json'));
    const [id, par] = [userIdOf(1), parOf(1)];
    const isWhole = (end: ProgramEnd) => [id, par].map((one) => end.stdout.includes(one));

    expect(isWhole(await say(world, 'explain', id))).toEqual([false, false]);
    expect(isWhole(await say(world, 'explain', `${runId}:2`, '--json'))).toEqual([false, false]);
    for (const argv of [['--show-ids'], ['--show-ids', '--reason', ' '], ['--reason', 'no ids']]) {
      const refused = await say(world, 'explain', id, ...argv);
      expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
      expect(refused.stderr).toContain('--reason');
    }
    expect((await readLog(world)).entries).toHaveLength(1);

    const reason = `complaint of ${id}\nby phone`;
    expect(isWhole(await say(world, 'explain', par, '--show-ids', '--reason', reason))).toEqual([true, true]);
    const { calls = [] } = await explainFirst(world, id);
    expect((await say(world, 'explain', id)).stdout).toContain(
      `call ${inSeoul(calls[0]?.sentAt)} Asia/Seoul `,
    );
    const place = ['explain', `${runId}:2`, '--json', '--show-ids', '--reason', 'audit'];
    expect(isWhole(await say(world, ...place))).toEqual([true, true]);
    const by = { actor: userInfo().username, host: hostname(), action: 'shown', rows: 1 };
    const { entries } = await readLog(world);
    expect(entries.slice(0, -1)).toMatchObject([
      { ...by, what: expect.stringMatching(`^explain ${runId}:2, record \\d+$`) as string, reason: 'audit' },
      {
        ...by,
        what: expect.stringMatching(/^explain record \d+$/) as string,
        reason: 'complaint of 99*************0001 by phone',
      },
    ]);
    const ledger = await openLedger(world.ledger.address);
    const kept = JSON.stringify(await ledger.query('select * from access_log'));
    await ledger.query('alter table access_log add check (false) not valid');
    await ledger.close();
    // Where no entry can be made, nobody is shown anything.
    expect(await say(world, ...place)).toMatchObject({
      exitCode: 8,
      stdout: expect.not.stringContaining(id) as string,
    });
    expect(kept).not.toMatch(new RegExp(`${id}|${par}`));
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
    expect((await say(world, 'access-log', '--since', '99999999d')).exitCode).toBe(2);
    expect(await say(world, 'access-log', '--since', 'May')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--since: expected a duration') as string,
    });
  });
});
