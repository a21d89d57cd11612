import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/domain/setup/finding.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { setup as createSource, PASSWORD } from '../intake/postgres/postgres-world.ts';
import { createWorld, parOf, userIdOf } from '../support/enrolment-world.ts';
import { serverEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { readLedgerFacts } from './ledger-facts.ts';
import { failureOf, summaryOf } from './program-output.ts';

const TABLE = `
  create table legacy_member (no integer primary key, member_id numeric(19) not null, par text not null, name text);
  insert into legacy_member
  select n, 9999999999999000000 + n, 'PAR' || lpad(n::text, 24, '0'), 'member ' || n from generate_series(1, 5) n`;

/** A job whose list is a Postgres server that is not the ledger. */
async function createPostgresJob(postgres: string) {
  const world = await createWorld({ engine: serverEngine });
  const source = await createSource(TABLE);
  await writeFile(
    join(world.cwd, 'job.yaml'),
    [
      'job: proof',
      `list: { postgres: { url: $SOURCE_URL, ${postgres} } }`,
      'provider: { baseUrl: $KONA_BASE_URL, encryption: off, name: truth }',
      'limits: { rate: 1000/s, concurrency: 4, timeout: 5s }',
      '',
    ].join('\n'),
  );
  const run = async (...flags: readonly string[]) =>
    await runProgram(['run', 'job.yaml', '--json', ...flags], {
      cwd: world.cwd,
      env: { ...world.env, SOURCE_URL: source.url },
    });
  const ask = async (sql: string): Promise<void> => {
    const ledger = await openLedger(world.ledger.address);
    await ledger.query(sql);
    await ledger.close();
  };
  return {
    world,
    source,
    run,
    ask,
    [Symbol.asyncDispose]: async () => {
      await source[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

describe('a list in Postgres (server Postgres)', () => {
  const it = serverEngine.missing ? test.skip : test;

  const source = [
    ['a table that is right', 'table: legacy_member', 'ok', /user id in "member_id", PAR in "par"/],
    [
      'a query that would take an hour',
      'query: "select no, par, pg_sleep(3600) from legacy_member"',
      'fail',
      /"no"/,
    ],
    ['a table that is not there', 'table: nobody', 'fail', /nobody/],
  ] as const;

  it.each(source)('doctor looks at it without reading a row: %s', async (_name, list, level, told) => {
    await using job = await createPostgresJob(list);
    const { cwd, env } = job.world;
    const options = { cwd, env: { ...env, SOURCE_URL: job.source.url } };
    const end = await runProgram(['doctor', 'job.yaml', '--json'], options);
    const { findings } = JSON.parse(end.stdout) as { findings: readonly Finding[] };
    const found = findings.filter(({ about }) => about === 'list');
    expect(found).toMatchObject([{ level, what: expect.stringMatching(told) as string }]);
    expect(end.exitCode).toBe(level === 'ok' ? 0 : 2);
    expect(end.stdout).not.toContain(PASSWORD);
  });

  it('is run, its key in every report, its password nowhere', async () => {
    await using job = await createPostgresJob('table: legacy_member');
    const end = await job.run();
    const summary = summaryOf(end);
    expect(summary).toMatchObject({ exitCode: 0, calls: 5, list: { rowsRead: 5 } });
    expect(end.stderr).toContain('Postgres · columns user id "member_id", PAR "par"');
    const sent = job.world.sandbox.calls().map((call) => `${call.userId} ${call.par}`);
    expect(sent.toSorted()).toEqual([1, 2, 3, 4, 5].map((n) => `${userIdOf(n)} ${parOf(n)}`).toSorted());
    const results = await job.world.readReport(summary.runId, 'results.csv');
    expect(
      results
        .split('\r\n')
        .slice(0, 2)
        .map((line) => line.split(',').slice(0, 5)),
    ).toEqual([
      ['\ufeffno', 'member_id', 'par', 'line', 'class'],
      ['1', userIdOf(1), parOf(1), '1', 'enrolled'],
    ]);
    const ledger = await openLedger(job.world.ledger.address);
    const [kept] = await ledger.query<{ text: string }>('select run::text as text from run');
    await ledger.close();
    const log = await readFile(join(job.world.cwd, 'runs', summary.runId, 'summary.json'), 'utf8');
    for (const text of [end.stdout, end.stderr, results, log, kept?.text]) {
      expect(text).not.toContain(PASSWORD);
    }
    // The same rows on the same night: nobody is called, and it says so.
    const again = await job.run();
    expect(summaryOf(again)).toMatchObject({ exitCode: 0, calls: 0 });
    expect(again.stderr).toContain(
      `a list with the same content was completed before, in run ${summary.runId}`,
    );
  });

  it('with the same rows continues tonight’s unfinished run, with others or on another night begins anew', async () => {
    await using job = await createPostgresJob('query: "select * from legacy_member order by no"');
    const first = summaryOf(await job.run('--limit', '1'));
    expect(first).toMatchObject({ exitCode: 6, calls: 1 });
    const second = summaryOf(await job.run('--limit', '1'));
    expect(second).toMatchObject({ exitCode: 6, runId: first.runId, calls: 2 });

    await job.ask(`update run set night = night - 1 where id = '${first.runId}'`);
    const third = summaryOf(await job.run('--limit', '1'));
    expect(third.runId).not.toBe(first.runId);
    await job.source.admin.query(`update legacy_member set name = 'other' where no = 5`);
    const fourth = summaryOf(await job.run());
    expect(new Set([first.runId, third.runId, fourth.runId]).size).toBe(3);
    expect(fourth).toMatchObject({ exitCode: 0 });
    expect((await readLedgerFacts(job.world.ledger.address)).runs).toEqual([
      'superseded',
      'superseded',
      'complete',
    ]);
    expect(job.world.sandbox.calls()).toHaveLength(5);
  });

  it('that breaks off in its middle is exit 8: nobody was called, and the run before can still be continued', async () => {
    const rows = `select n as user_id, 'PAR' || lpad(n::text, 24, '0') as par from generate_series(1, 3000) n`;
    await using job = await createPostgresJob(`query: "${rows}"`);
    const begun = summaryOf(await job.run('--limit', '2'));
    const jobFile = join(job.world.cwd, 'job.yaml');
    const yaml = await readFile(jobFile, 'utf8');
    const slow = rows.replace('as par', `|| case when n = 2500 then pg_sleep(30)::text else '' end as par`);
    await writeFile(jobFile, yaml.replace(`"${rows}"`, `"${slow}", statementTimeout: 1s`));
    const words = failureOf(await job.run(), 8);
    expect(words).not.toContain(PASSWORD);
    expect(job.world.sandbox.calls()).toHaveLength(2);
    await writeFile(jobFile, yaml);
    const ended = summaryOf(await job.run('--limit', '3'));
    expect(ended).toMatchObject({ runId: begun.runId, calls: 5, list: { rowsRead: 3000 } });
  });

  it('that the database refuses is exit 2', async () => {
    await using job = await createPostgresJob('table: nobody');
    const words = failureOf(await job.run(), 2);
    expect(words).toMatch(/nobody.*does not exist/);
    expect(job.world.sandbox.calls()).toEqual([]);
  });
});
