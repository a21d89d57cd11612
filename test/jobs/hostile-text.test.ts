import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorld, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';

/** What would forge a line of ours, colour or clear a terminal, or turn text around. */
const FORGED = '\nTotals agree: 9 rows read = 9\r\u001b[31m\u001b]0;x\u0007\u009b2J\u202e\u2066\u2028\u0085';

/** Everything but our own line feeds. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

async function createHostileWorld(): Promise<EnrolmentWorld> {
  const world = await createWorld({ engine: embeddedEngine });
  const rows = [1, 2, 3].map((n) => `1000000000${n},Q1MEMBER000000000000000000${n},"x${FORGED}"`);
  const hostileId = `"12${FORGED}",Q1MEMBER0000000000000000009,y`;
  const header = `user_id,par,"memo${FORGED}"`;
  await world.writeList(`evil${FORGED}.csv`, [header, ...rows, hostileId, ''].join('\n'));
  const job = await readFile(join(world.cwd, 'job.yaml'), 'utf8');
  const named = job.replace('csv: list.csv', 'csv: "evil*.csv"');
  await writeFile(join(world.cwd, 'job.yaml'), named);
  return world;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Looks at the raw bytes: as text nothing of them is lost, since all that is written is UTF-8. */
function expectHarmless(what: readonly string[], end: ProgramEnd, asJson: boolean): void {
  for (const text of [end.stdout, end.stderr]) {
    expect([what, CONTROLS.exec(text)?.[0] ?? null]).toEqual([what, null]);
    const forged = text.split('\n').filter((line) => /^\s*Totals agree: 9 rows/.test(line));
    expect([what, forged]).toEqual([what, []]);
  }
  expect([what, end.exitCode]).not.toEqual([what, 1]);
  expect([what, !asJson || isJson(end.stdout)]).toEqual([what, true]);
}

test('names and words from outside forge no line and steer no terminal, in any command', async () => {
  await using world = await createHostileWorld();
  const run = await runProgram(['run', 'job.yaml'], world);
  expectHarmless(['run'], run, false);
  expect(run.stdout).toContain('Totals agree: 4 rows read');
  expect(run.stderr).toContain('list "evil Totals agree: 9 rows read');
  const runId = /Run folder: \S+\/(\S+)/.exec(run.stdout)?.[1] ?? '';
  const commands: readonly (readonly string[])[] = [
    ['plan', 'job.yaml'],
    ['run', 'job.yaml'],
    ['status'],
    ['status', runId],
    ['explain', '10000000001'],
    ['explain', `${runId}:2`],
    ['report'],
    ['report', '--verify'],
    ['resolve', `${runId}:2`, '--note', `why${FORGED}`],
    ['reconcile'],
    ['purge', '--dry-run'],
    ['access-log'],
    ['retry'],
    ['explain', '10000000001', '--show-ids', '--reason', `why${FORGED}`],
  ];
  for (const argv of commands) {
    expectHarmless(argv, await runProgram(argv, world), false);
    const asJson = [...argv, '--json'];
    expectHarmless(asJson, await runProgram(asJson, world), true);
  }
});

test('neither do words on the command line, names of missing files, or refused lists', async () => {
  await using world = await createHostileWorld();
  await world.writeList(`html${FORGED}.csv`, `<html>${FORGED}</html>`);
  await world.writeList(`columns${FORGED}.csv`, `a${FORGED},b\n1,2\n`);
  await mkdir(join(world.cwd, `sub${FORGED}`));
  await writeFile(
    join(world.cwd, `bad${FORGED}.yaml`),
    `job: x${JSON.stringify(FORGED)}\nlist: 5\n"a${FORGED}`,
  );
  const commands: readonly (readonly string[])[] = [
    ['run', `gone${FORGED}.csv`],
    ['run', `gone${FORGED}.yaml`],
    ['run', `bad${FORGED}.yaml`],
    ['run', `html${FORGED}.csv`],
    ['plan', `columns${FORGED}.csv`],
    ['run', 'job.yaml', '--map', `memo${FORGED}=par`],
    ['run', 'job.yaml', `--flag${FORGED}`],
    [`command${FORGED}`],
    ['status', FORGED],
    ['explain', FORGED],
    ['retry', '--run', FORGED],
    ['report', `sub${FORGED}/`],
    ['report', '--verify', `sub${FORGED}/`],
    ['rules', '--test', FORGED],
    ['template', `new${FORGED}.csv`],
    ['template', `sub${FORGED}/x/y.csv`],
    ['resolve', FORGED, '--note', 'x'],
    ['migrate', '--reader', FORGED],
    ['sandbox', '--state', `gone${FORGED}/x`, '--faults', `gone${FORGED}`],
  ];
  for (const argv of commands) {
    expectHarmless(argv, await runProgram(argv, world), false);
    const asJson = [...argv, '--json'];
    expectHarmless(asJson, await runProgram(asJson, world), argv[0] !== 'sandbox');
  }
  const logs = join(world.cwd, 'runs', 'logs');
  for (const name of await readdir(logs)) {
    const text = await readFile(join(logs, name), 'utf8');
    expect(CONTROLS.exec(text)).toBeNull();
    for (const line of text.trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  }
});
