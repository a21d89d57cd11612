import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCauses, meaningOf, type ExitCause } from '../../src/domain/exit-cause.ts';
import type { ExitCode } from '../../src/domain/exit-code.ts';
import { createWorld, listOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { runProgram } from '../support/program.ts';

interface Asked {
  readonly argv: readonly string[];
  readonly exitCode: ExitCode;
  /** Of the document itself; null: it has no exit code, since nothing can be wrong with what it shows. */
  readonly exitCause: ExitCause | null;
}

const ended = (argv: string, exitCode: ExitCode, exitCause: ExitCause | null): Asked => ({
  argv: argv.split(' '),
  exitCode,
  exitCause,
});

/** In an empty ledger, before the first run. */
const before: readonly Asked[] = [
  ended('plan job.yaml', 0, 'done'),
  ended('plan odd.yaml', 5, 'list_refused'),
  ended('plan many.yaml', 5, 'list_refused'),
  ended('plan none.csv', 2, 'usage'),
  ended('plan job.yaml --no-such-flag', 2, 'usage'),
  ended('run none.yaml', 2, 'usage'),
  ended('run odd.yaml', 5, 'list_refused'),
  ended('retry', 2, 'usage'),
  ended('status none', 2, 'usage'),
  ended('explain none', 2, 'usage'),
  ended('report', 2, 'usage'),
  ended('report --verify', 2, 'usage'),
  ended('report ./none --verify', 8, 'folder'),
  ended('rules none.yaml', 2, 'usage'),
  ended('rules --test nonsense', 2, 'usage'),
  ended('reconcile', 2, 'usage'),
  ended('reconcile --against provider', 2, 'usage'),
  ended('resolve none --note seen', 2, 'usage'),
  ended('migrate --reader none', 2, 'usage'),
  ended('doctor none.yaml', 2, 'usage'),
  ended('init', 2, 'usage'),
  ended('pause --provider truth', 2, 'usage'),
  ended('resume', 2, 'usage'),
  ended('access-log --since long', 2, 'usage'),
  ended('purge --older-than short', 2, 'usage'),
  ended('template list.txt', 2, 'usage'),
  ended('run many.yaml', 5, 'list_refused'),
];

/** From the first run on, in this order. */
const after: readonly Asked[] = [
  ended('run job.yaml', 3, 'not_enrolled'),
  ended('run pair.yaml', 0, 'nothing_due'),
  ended('run job.yaml --limit 1 --again', 6, 'limit'),
  ended('run job.yaml', 3, 'not_enrolled'),
  ended('retry --job proof', 0, 'nothing_due'),
  ended('status', 0, null),
  ended('reconcile --job proof', 0, 'done'),
  ended('reconcile --against provider --job proof', 0, 'done'),
  ended('report', 0, null),
  ended('report --verify', 0, 'done'),
  ended('explain 9999999999999000001', 0, null),
  ended('resolve 9999999999999000001 --note seen', 2, 'usage'),
  ended('rules', 0, null),
  ended('migrate', 0, null),
  ended('access-log', 0, null),
  ended('pause --provider truth --for 1m', 0, null),
  ended('resume --provider truth', 0, null),
  ended('init --csv list.csv --base-url sandbox first.yaml', 0, null),
  ended('purge --dry-run', 0, null),
  ended('purge --older-than 30d --yes', 0, null),
  ended('template fresh.csv', 0, null),
];

/** Where nothing answers. */
const withoutLedger = ['plan job.yaml', 'run job.yaml', 'retry', 'status', 'explain 1', 'report', 'reconcile']
  .concat(['reconcile --against provider', 'resolve 1 --note seen', 'migrate', 'access-log', 'purge --yes'])
  .concat(['pause --provider truth --for 1m', 'resume --provider truth'])
  .map((argv) => ended(argv, 8, 'ledger_gone'));

async function setup(): Promise<EnrolmentWorld> {
  const world = await createWorld({ engine: embeddedEngine });
  const [header = '', ...lines] = listOf(8).split('\n');
  const listed = lines.filter((line) => line !== '');
  await world.writeList('list.csv', `${[header, ...listed, 'not a member,at all'].join('\n')}\n`);
  await world.writeList('pair-1.csv', `${[header, ...listed.slice(0, 2)].join('\n')}\n`);
  await world.writeList('pair-2.csv', `${[header, ...listed.slice(2, 4)].join('\n')}\n`);
  await world.writeList('odd.csv', 'name,city\nKim,Seoul\n');
  await world.writeJob('pair', 'list: { csv: list.csv }', 'list: { csv: "pair-*.csv" }');
  await world.writeJob('odd', 'list: { csv: list.csv }', 'list: { csv: odd.csv }');
  await world.writeJob('many', 'list: { csv: list.csv }', 'list: { csv: "{odd,pair-1}.csv" }');
  return world;
}

/** Runs it with --json; the document, whose every exit code has a cause that can have it. */
async function expectDocument(asked: Asked, world: Pick<EnrolmentWorld, 'cwd' | 'env'>): Promise<unknown> {
  const end = await runProgram([...asked.argv, '--json'], world);
  expect({ argv: asked.argv, exitCode: end.exitCode, stderr: end.stderr }).toMatchObject({
    argv: asked.argv,
    exitCode: asked.exitCode,
  });
  const document = JSON.parse(end.stdout) as Record<string, unknown>;
  expect({ argv: asked.argv, exitCause: document['exitCause'] ?? null }).toEqual({
    argv: asked.argv,
    exitCause: asked.exitCause,
  });
  for (const one of objectsIn(document)) if ('exitCode' in one || 'exitCause' in one) expectCoded(one);
  return document;
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inside : [value as Record<string, unknown>, ...inside];
}

function expectCoded(one: Record<string, unknown>): void {
  const { exitCode, exitCause } = one;
  if (exitCode === null) {
    expect(exitCause).toBeNull();
    return;
  }
  expect(exitCauses).toContain(exitCause);
  expect(meaningOf(exitCause as ExitCause).codes).toContain(exitCode);
}

test('every --json document that has an exit code has its cause beside it, whatever becomes of the command', async () => {
  await using world = await setup();
  for (const asked of before) await expectDocument(asked, world);
  for (const asked of after) await expectDocument(asked, world);
  const last = (await expectDocument(ended('status', 0, null), world)) as { runs: { runId: string }[] };
  expect(last.runs.length).toBeGreaterThan(3);
  for (const { runId } of last.runs.slice(0, 2)) {
    await expectDocument(ended(`report ${runId} --verify`, 0, 'done'), world);
  }
});

test('and where the ledger can not be used', async () => {
  await using world = await setup();
  const file = join(world.cwd, 'no-folder');
  await writeFile(file, 'a file');
  const env = { ...world.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none?connect_timeout=1' };
  expect(withoutLedger).toHaveLength(14);
  for (const asked of withoutLedger) await expectDocument(asked, { cwd: world.cwd, env });
});

test('no command with --json is left out', async () => {
  await using world = await setup();
  const { stdout } = await runProgram(['--help'], { cwd: world.cwd, env: { COLUMNS: '200' } });
  const commands = Array.from(stdout.matchAll(/^ {2}kona-enroll ([a-z-]+)/gm), ([, name = '']) => name);
  expect(commands.length).toBeGreaterThan(12);
  const withJson: string[] = [];
  for (const name of new Set(commands)) {
    const help = await runProgram([name, '--help'], { cwd: world.cwd, env: {} });
    if (help.stdout.includes('--json')) withJson.push(name);
  }
  const asked = new Set([...before, ...after].map(({ argv }) => argv[0] ?? ''));
  expect(withJson.filter((name) => !asked.has(name))).toEqual([]);
  expect(withJson.length).toBe(asked.size);
});
