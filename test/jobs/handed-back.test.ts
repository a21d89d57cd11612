import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { classesOf, failureOf, summaryOf } from './program-output.ts';

/** Member 1's PAR is wrong in the list, member 2 must act, member 3's code is unknown. */
const fixtures = parseFixtures(
  [
    'cards:',
    `  - { par: ${parOf(101)}, answer: "001_003" }`,
    `  - { par: ${parOf(2)}, answer: "007_031" }`,
    `  - { par: ${parOf(3)}, answer: "009_999" }`,
    '',
  ].join('\n'),
);

/** Columns that only the job file knows by name, in the encoding of Korean Excel. */
const jobSettings = [
  'limits: { rate: 700/s, concurrency: 16, timeout: 5s }',
  'report: { language: en }',
  'guards: { canary: 0, maxFailures: 0, listSize: 10% }',
].join('\n');

async function setup(engine = embeddedEngine) {
  const world = await createWorld({ engine, sandbox: { fixtures }, job: jobSettings });
  const job = await readFile(join(world.cwd, 'job.yaml'), 'utf8');
  const list = 'list: { csv: list.csv, encoding: cp949, columns: { userId: 고객키, par: 카드 } }';
  await writeFile(
    join(world.cwd, 'job.yaml'),
    job.replace('list: { csv: list.csv }', list).replace('maxFailures: 0', 'maxFailures: 100%'),
  );
  const rows = [1, 2, 3, 4, 5].map((n) => `김회원${n},${userIdOf(n)},${parOf(n === 1 ? 101 : n)}`);
  await writeFile(
    join(world.cwd, 'list.csv'),
    iconv.encode(`이름,고객키,카드\n${rows.join('\n')}\n`, 'cp949'),
  );
  return world;
}

async function start(world: EnrolmentWorld, ...argv: readonly string[]) {
  // The provider's address is kept with the run; that of the environment is another's.
  const env = { ...world.env, KONA_BASE_URL: 'https://elsewhere.example' };
  return await runProgram([...argv, '--json'], { cwd: world.cwd, env });
}

async function firstNight(world: EnrolmentWorld) {
  const first = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
  expect(classesOf(first)).toEqual({ enrolled: 2, action_required: 1, bad_data: 1, unknown_code: 1 });
  return first;
}

async function settingsOf(world: EnrolmentWorld, runId: string) {
  const ledger = await openLedger(world.ledger.address);
  try {
    return await ledger.query<{ job: string; kind: string; settings: Record<string, unknown> }>(
      'select job, kind, settings from run where id = $1',
      [runId],
    );
  } finally {
    await ledger.close();
  }
}

describe.each(ledgerEngines)('a list of ours handed back ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('runs under its run’s job, provider, limits and columns, whatever a spreadsheet made of the file', async () => {
    await using world = await setup(engine);
    const first = await firstNight(world);
    const failed = await world.readReport(first.runId, 'failed.csv');
    expect(failed.split('\r\n')[1]?.endsWith(`,${first.runId}`)).toBe(true);
    // Saved by a program that leaves the mark out; one row corrected, one added by hand without a run.
    const added = `추가,${userIdOf(6)},${parOf(6)}${','.repeat(12)}`;
    const corrected = `${failed.slice(1).replace(parOf(101), parOf(1))}${added}\r\n`;
    await world.writeList('mended.csv', corrected);

    const plan = await start(world, 'plan', 'mended.csv');
    expect(plan.stderr).toContain(
      `mended.csv is a list of ours: it runs as job retry-proof, under the settings of run ${first.runId}\n`,
    );
    expect(JSON.parse(plan.stdout)).toMatchObject({
      job: 'retry-proof',
      provider: 'truth',
      due: 4,
      list: { handedBack: true, encoding: 'utf-8', columns: { userId: '고객키', par: '카드' } },
      size: { usualRows: null },
    });

    const again = await start(world, 'run', 'mended.csv');
    const second = summaryOf(again);
    expect(second).toMatchObject({ job: 'retry-proof', provider: 'truth', calls: 4 });
    expect(classesOf(second)).toEqual({ enrolled: 2, action_required: 1, unknown_code: 1 });
    expect(JSON.parse(again.stdout)).toMatchObject({ rate: { allowed: '700/s' } });
    const [kept] = await settingsOf(world, second.runId);
    const [of] = await settingsOf(world, first.runId);
    expect(kept).toMatchObject({ job: 'retry-proof', kind: 'handed_back' });
    expect({ ...kept?.settings, list: null }).toEqual({ ...of?.settings, list: null });

    // That of a retry keeps its name; as Korean Excel saves it, and flags still win.
    const next = await world.readReport(second.runId, 'failed.csv');
    await writeFile(join(world.cwd, 'excel.csv'), iconv.encode(next.slice(1), 'cp949'));
    const third = await start(world, 'run', 'excel.csv', '--rate', '300/s');
    expect(JSON.parse(third.stdout)).toMatchObject({ job: 'retry-proof', rate: { allowed: '300/s' } });
    expect(summaryOf(third)).toMatchObject({ calls: 2, list: { rowsRead: 2 } });
  });

  it('from standard input, and under a job file’s rules, where that is of the same job', async () => {
    await using world = await setup(engine);
    const first = await firstNight(world);
    const failed = await world.readReport(first.runId, 'failed.csv');
    await world.writeList('failed.csv', failed);
    const piped = await runProgram(['run', '-', '--json'], { ...world, input: failed });
    expect(classesOf(summaryOf(piped))).toEqual({ action_required: 1, bad_data: 1, unknown_code: 1 });

    const job = await readFile(join(world.cwd, 'job.yaml'), 'utf8');
    await world.writeList('new-rule.yaml', `${job}outcomes: { "009_999": bad_data }\n`);
    const ruled = await runProgram(['run', 'failed.csv', '--json', '--job-file', 'new-rule.yaml'], world);
    expect(classesOf(summaryOf(ruled))).toEqual({ action_required: 1, bad_data: 2 });
    expect(JSON.parse(ruled.stdout)).toMatchObject({ job: 'retry-proof' });
    await world.writeList('other.yaml', job.replace('job: proof', 'job: other'));
    const other = await runProgram(['run', 'failed.csv', '--json', '--job-file', 'other.yaml'], world);
    expect(failureOf(other, 2)).toBe(`--job-file: run ${first.runId} is of job proof, not of other`);
    const yaml = await runProgram(['plan', 'job.yaml', '--json', '--job-file', 'other.yaml'], world);
    expect(failureOf(yaml, 2)).toContain('job.yaml is a job file');
    const plain = await runProgram(['plan', 'list.csv', '--json', '--job-file', 'job.yaml'], world);
    expect(failureOf(plain, 2)).toContain('which list.csv is not; name it in list: of job.yaml');
  });

  it('of a run nobody knows, of several jobs, or of an older version: no guess', async () => {
    await using world = await setup(engine);
    const first = await firstNight(world);
    const failed = await world.readReport(first.runId, 'failed.csv');
    const strange = '20250101T000000Z-proof-0000';
    await world.writeList('strange.csv', failed.replaceAll(first.runId, strange));
    const unknown = failureOf(await start(world, 'run', 'strange.csv'), 2);
    expect(unknown).toContain(`strange.csv is a list of ours with rows of run ${strange}, which this ledger`);
    expect(unknown).toMatch(/--database-url.*--job-file/);
    // Where that ledger is gone.
    const rescued = await runProgram(['run', 'strange.csv', '--json', '--job-file', 'job.yaml'], world);
    expect(JSON.parse(rescued.stdout)).toMatchObject({ job: 'retry-proof', provider: 'truth', calls: 3 });

    await world.writeJob('other', 'list: { csv: list.csv', 'list: { csv: list.csv');
    const other = summaryOf(await runProgram(['run', 'other.yaml', '--json'], world));
    const [, , second] = failed.split('\r\n');
    await world.writeList(
      'both.csv',
      failed.replace(second ?? '', (second ?? '').replace(first.runId, other.runId)),
    );
    const several = failureOf(await start(world, 'plan', 'both.csv'), 2);
    expect(several).toContain(
      `${other.runId} (job other, provider truth), ${first.runId} (job proof, provider truth)`,
    );

    const withoutRun = failed.replaceAll(`,${first.runId}`, '').replace(',run\r\n', '\r\n');
    await world.writeList('old.csv', withoutRun);
    const env = { ...world.env, KONA_CRYPTO_KEY_ID: '' };
    const flags = ['--map', '고객키=userId', '--map', '카드=par'];
    const old = await runProgram(['plan', 'old.csv', '--json', ...flags], {
      cwd: world.cwd,
      env: { ...env, KONA_BASE_URL: 'sandbox' },
    });
    expect(old.stderr).toContain(
      'old.csv is a list of ours of an older version, whose rows do not name their run: it runs as job upload-old',
    );
    expect(JSON.parse(old.stdout)).toMatchObject({
      job: 'upload-old',
      provider: 'sandbox',
      due: 3,
      list: { handedBack: true },
    });
  });
});
