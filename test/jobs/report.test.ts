import { appendFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';
import { readFolder } from '../report/report-world.ts';
import { startRun } from '../support/run-under-way.ts';
import { failureOf, summaryOf } from './program-output.ts';

interface Check {
  readonly isRight: boolean;
  readonly comparedWithLedger: boolean;
  readonly problems: readonly string[];
  readonly files: readonly { readonly name: string; readonly verdict: string }[];
}

/** Three records and one of them twice, so that there is a note. */
const list = `${listOf(3)}${userIdOf(1)},${parOf(1)},again\n`;

const inactive = parseFixtures(`cards:\n  - { par: ${parOf(1)}, status: inactive }\n`);

function folderOf(world: EnrolmentWorld, runId: string): string {
  return join(world.cwd, 'runs', runId);
}

/** Without the one thing that differs. */
async function readTimeless(folder: string): Promise<Record<string, string>> {
  const files = Object.entries(await readFolder(folder));
  return Object.fromEntries(
    files.map(([name, bytes]) => [
      name,
      name === 'manifest.json'
        ? bytes.toString().replace(/"generatedAt": "[^"]*"/, '')
        : bytes.toString('latin1'),
    ]),
  );
}

describe.each(ledgerEngines)('the report of a run, made again ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is the same from the ledger alone, and is found right, changed or missing', async () => {
    await using world = await createWorld({ engine });
    await world.writeList('list.csv', list);
    const { runId } = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
    const folder = folderOf(world, runId);
    const first = await readTimeless(folder);
    const verify = async (...more: string[]) => {
      const end = await runProgram(['report', '--verify', '--json', ...more], world);
      return { exitCode: end.exitCode, check: JSON.parse(end.stdout) as Check };
    };
    const right = { exitCode: 0, check: { isRight: true, comparedWithLedger: true, problems: [] } };
    expect(await verify()).toMatchObject(right);

    await appendFile(join(folder, 'results.csv'), 'x');
    await rm(join(folder, 'failed.csv'));
    const wrong = await verify(runId);
    expect(wrong).toMatchObject({
      exitCode: 8,
      check: { isRight: false, problems: [expect.stringContaining("does not hold the ledger's rows")] },
    });
    expect(wrong.check.files.filter(({ verdict }) => verdict !== 'right')).toEqual([
      { name: 'failed.csv', verdict: 'missing' },
      { name: 'results.csv', verdict: 'changed' },
    ]);

    const refused = await runProgram(['report', runId, '--json'], world);
    expect(failureOf(refused, 8)).toMatch(/nothing was replaced: results\.csv\. .*--yes/);

    // Neither job file nor provider nor list is needed.
    await rm(join(world.cwd, 'job.yaml'));
    await rm(join(world.cwd, 'list.csv'));
    const { cwd } = world;
    const env = { DATABASE_URL: world.env['DATABASE_URL'] ?? '' };
    const again = await runProgram(['report', '--yes', '--json'], { cwd, env });
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      runId,
      folder,
      warnings: [expect.stringContaining(`the whole folder is now ${folder}.before-`)],
      summary: { runId },
    });
    expect(await readTimeless(folder)).toEqual(first);
    expect(await verify()).toMatchObject(right);

    // A folder alone needs no ledger.
    const alone = await runProgram(['report', '--verify', folder, '--json'], { cwd, env: {} });
    expect(alone.exitCode).toBe(0);
    expect(JSON.parse(alone.stdout)).toMatchObject({ isRight: true, comparedWithLedger: false });

    const korean = await runProgram(['report', runId, '--lang', 'ko', '--reports', 'other'], { cwd, env });
    expect(korean).toMatchObject({ exitCode: 0, stderr: '' });
    expect(korean.stdout).toContain(`Run folder: ${join(cwd, 'other', runId)}\n`);
    const shown = await readTimeless(join(cwd, 'other', runId));
    expect(Buffer.from(shown['rejected.csv'] ?? '', 'latin1').toString()).toContain(
      '2번째 줄과 같은 건입니다',
    );
    expect(shown['summary.json']).toBe(first['summary.json']);
    const log = await runProgram(['access-log', '--json'], { cwd, env });
    expect(log.stdout.split(`run folder of ${runId}`)).toHaveLength(4);
  });
});

test('a run that may still change is not reported, and its folder is left alone', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', list);
  expect(failureOf(await runProgram(['report', '--json'], world), 2)).toContain('no run that came to an end');
  const point = { name: 'sending_committed', count: 1, action: 'SIGKILL' } as const;
  expect((await runProgram(['run', 'job.yaml'], { ...world, point })).signal).toBe('SIGKILL');
  const status = await runProgram(['status', '--json'], world);
  const [run] = (JSON.parse(status.stdout) as { runs: { runId: string; state: string }[] }).runs;
  expect(run?.state).toBe('dispatching');
  const refused = await runProgram(['report', run?.runId ?? '', '--json'], world);
  expect(failureOf(refused, 2)).toContain('has not come to its end');
  expect(failureOf(await runProgram(['report', '--json'], world), 2)).toContain('no run that came');
  const unknown = await runProgram(['report', '20261122T160000Z-nightly-0a1b', '--json'], world);
  expect(failureOf(unknown, 2)).toContain('no run');
  const wrongLanguage = await runProgram(['report', '--lang', 'fr', '--json'], world);
  expect(failureOf(wrongLanguage, 2)).toContain('ko');
  const both = await runProgram(['report', '--verify', '--lang', 'ko', '--json'], world);
  expect(failureOf(both, 2)).toContain('--verify');
});

describe.each(ledgerEngines)('the report of a run while its job runs ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('is refused, says who has it, and names no flag that report has not', async () => {
    await using begun = await startRun({
      engine,
      sandbox: { faults: { seed: 1, latencyMs: 60_000 } },
      job: 'limits: { rate: 100/s, concurrency: 4, timeout: 60s }\nguards: { canary: 0 }',
      records: 8,
      until: ['bytes_left', 4],
    });
    const { world, program } = begun;
    const held = await runProgram(['report', '--json', ...(await oneRunOf(world))], world);
    expect(failureOf(held, 8)).toMatch(new RegExp(`process ${program.pid} on \\S+, since \\d{4}`));
    expect(held.stderr).toContain(
      'Wait for it to end, or stop it; `kona-enroll status` shows how far it is.\n',
    );
    expect(held.stderr).not.toContain('--wait');
    const second = await runProgram(['run', 'job.yaml', '--json'], world);
    expect(failureOf(second, 8)).toContain(`process ${program.pid}`);
    expect(second.stderr).toContain('Wait for it to end (`--wait` does), or stop it');
  });
});

/** On a server the ledger can be asked meanwhile. */
async function oneRunOf(world: EnrolmentWorld): Promise<string[]> {
  if (world.ledger.address.kind === 'embedded') return [];
  const status = await runProgram(['status', '--json'], world);
  return (JSON.parse(status.stdout) as { runs: { runId: string }[] }).runs.map(({ runId }) => runId);
}

test('report says what it leaves out, also with --quiet, and how far it is', async () => {
  await using world = await createWorld({ engine: embeddedEngine, sandbox: { fixtures: inactive } });
  await world.writeList('list.csv', `user_id,par,memo\n${userIdOf(1)},${parOf(1)},${'y'.repeat(40_000)}\n`);
  const { runId } = summaryOf(await runProgram(['run', 'job.yaml', '--json'], world));
  const again = await runProgram(['report', '--json', '--quiet'], world);
  const { warnings } = JSON.parse(again.stdout) as { warnings: string[] };
  expect(warnings).toEqual([expect.stringContaining('failed.xlsx')]);
  expect(again).toMatchObject({ exitCode: 0, stderr: `warning: ${warnings.join()}\n` });
  expect(await readFolder(folderOf(world, runId))).not.toHaveProperty('failed.xlsx');
});

test('a superseded run is reported under the settings it had, not under those of its successor', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', list);
  const first = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--limit', '1'], world));
  expect(first).toMatchObject({ exitCode: 6, state: 'stopped' });
  const stopped = await runProgram(['report', '--json'], world);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ runId: first.runId, summary: { state: 'stopped' } });

  await world.writeList('list.csv', listOf(2));
  await world.writeJob('proof', 'language: en', 'language: ko, directory: elsewhere');
  await writeFile(join(world.cwd, 'job.yaml'), '');
  const second = summaryOf(await runProgram(['run', 'proof.yaml', '--json'], world));
  const superseded = await readFolder(folderOf(world, first.runId));
  expect(superseded['unprocessed.csv']?.toString()).toContain('the run ended before its call');
  const own = join(world.cwd, 'elsewhere');
  expect(await readdir(own)).toEqual(expect.arrayContaining([second.runId]));
  expect(await readdir(own)).not.toContain(first.runId);
  expect(await readFolder(join(own, second.runId))).toHaveProperty('manifest.json');

  // Where its process wrote it is where the others look for it.
  for (const { runId } of [first, second]) {
    const verified = await runProgram(['report', '--verify', runId, '--json'], world);
    expect([verified.exitCode, JSON.parse(verified.stdout)]).toEqual([
      0,
      expect.objectContaining({ isRight: true }),
    ]);
  }
  const purge = await runProgram(['purge', '--dry-run', '--json'], world);
  expect(JSON.parse(purge.stdout)).toMatchObject({ plan: { missingFolders: [] } });
});

test('--reports says where a superseded run is written as well', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  await world.writeList('list.csv', list);
  const first = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--limit', '1'], world));
  await world.writeList('list.csv', listOf(2));
  const second = summaryOf(await runProgram(['run', 'job.yaml', '--json', '--reports', 'named'], world));
  for (const { runId } of [first, second]) {
    expect(await readFolder(join(world.cwd, 'named', runId))).toHaveProperty('manifest.json');
  }
  const verified = await runProgram(['report', '--verify', first.runId, '--reports', 'named'], world);
  expect(verified.exitCode).toBe(0);
});
