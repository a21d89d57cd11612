import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import { explainBreak } from '../../src/ledger/breaks/break-table.ts';
import { openLedger, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import { reconcileList } from '../../src/reconcile/reconcile-list.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf, type EnrolmentWorld } from '../support/enrolment-world.ts';
import { embeddedEngine, ledgerEngines, serverEngine } from '../support/ledgers.ts';
import { runProgram, type ProgramEnd } from '../support/program.ts';
import { createStubClock } from '../support/stub-clock.ts';
import { expectPlainFailure, failureOf, summaryOf } from './program-output.ts';

const nobody = (): void => undefined;

/** The card of member 2 and the one a list names for member 6 are refused. */
const refusedCards = parseFixtures(
  ['cards:', ...[2, 26].map((card) => `  - { par: ${parOf(card)}, answer: "001_003" }`), ''].join('\n'),
);

interface Told {
  readonly exitCode: number;
  readonly rows: number;
  readonly rejected: number;
  readonly lists: readonly { readonly name: string }[];
  readonly unreadLists: readonly string[];
  readonly breaks: readonly {
    readonly kind: string;
    readonly fresh: number;
    readonly stillOpen: number;
    readonly explained: number;
    readonly gone: number;
  }[];
  readonly openBreaks: readonly { readonly break: number; readonly kind: string; readonly details: string }[];
}

function toldBy(end: ProgramEnd): Told {
  const told = JSON.parse(end.stdout) as Told;
  expect(end.exitCode).toBe(told.exitCode);
  return told;
}

/** Breaks by kind: new, still open, explained, gone. */
function figuresOf(breaks: Told['breaks']): Record<string, readonly number[]> {
  return Object.fromEntries(
    breaks.map((one) => [one.kind, [one.fresh, one.stillOpen, one.explained, one.gone]]),
  );
}

async function enrol(world: EnrolmentWorld, list: string): Promise<string> {
  await world.writeList('list.csv', list);
  return summaryOf(await runProgram(['run', 'job.yaml', '--json', '--quiet'], world)).runId;
}

async function reconcile(world: EnrolmentWorld, ...argv: string[]): Promise<Told> {
  return toldBy(await runProgram(['reconcile', '--json', '--quiet', ...argv], world));
}

/** The list of members 1 to 6 without member 5, with another card for member 6 and a row that is none. */
const changedList = [
  ...listOf(6)
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith(userIdOf(5)))
    .map((line) => line.replace(`${userIdOf(6)},${parOf(6)}`, `${userIdOf(6)},${parOf(26)}`)),
  'abc,PAR,nobody',
  '',
].join('\n');

function nightsLater(nights: number): Clock {
  const clock = createStubClock();
  return { ...clock, now: () => new Date(Date.now() + nights * 86_400_000) };
}

describe.each(ledgerEngines)('reconcile against the list ($name)', (engine) => {
  const it = engine.missing ? test.skip : test;

  it('finds each kind, and says masked what is open and what to do', async () => {
    await using world = await createWorld({ engine, sandbox: { fixtures: refusedCards } });
    await enrol(world, listOf(6));
    const before = await reconcile(world);
    expect(before).toMatchObject({ exitCode: 3, rows: 6, rejected: 0 });
    expect(figuresOf(before.breaks)).toEqual({ not_enrolled: [1, 0, 0, 0] });
    const firstRun = await enrol(world, changedList);
    expect(firstRun).toContain('proof');
    const end = await runProgram(['reconcile'], world);
    expect(end.exitCode).toBe(3);
    expect(end.stderr).toContain('comparing 6 rows of list.csv with the ledger\n');
    expect(end.stdout).toContain('1 rejected row has no record to compare');
    expect(end.stdout).toMatch(/break +new +still open +explained +gone +0 nights/);
    expect(end.stdout).toContain('break 1 · not_enrolled · 99*************0002 ');
    expect(end.stdout).toContain(' · bad_data 001_003 · since ');
    expect(end.stdout).toMatch(/no_longer_listed · 99\*+0005 PA\*+0005 · last in run 2/);
    expect(end.stdout).toMatch(/par_changed · 99\*+0006 PA\*+0026, enrolled with PA\*+0006/);
    expect(end.stdout).toContain('resolve break:1 --note');
    expect(end.stdout).toContain('Exit 3: 3 open breaks\n');
    const whole = [1, 2, 3, 4, 5, 6].flatMap((number) => [userIdOf(number), parOf(number)]);
    expect(whole.filter((id) => `${end.stdout}${end.stderr}`.includes(id))).toEqual([]);
    const told = await reconcile(world);
    expect(figuresOf(told.breaks)).toEqual({
      not_enrolled: [1, 0, 0, 0],
      no_longer_listed: [1, 0, 0, 0],
      par_changed: [1, 0, 0, 0],
    });
  });

  it('closes what is gone, keeps what is explained, and knows what comes back as new', async () => {
    await using world = await createWorld({ engine, sandbox: { fixtures: refusedCards } });
    await enrol(world, listOf(6));
    await enrol(world, changedList);
    await reconcile(world);
    const ledger = await openLedger(world.ledger.address);
    try {
      await explainBreak(ledger, 2, { by: 'kim', note: 'the card is being replaced', at: new Date() });
      const later = await compareLater(ledger, 3);
      expect(figuresOf(later.figures)).toEqual({
        not_enrolled: [0, 0, 1, 0],
        no_longer_listed: [0, 1, 0, 0],
        par_changed: [0, 1, 0, 0],
      });
      expect(later).toMatchObject({ exitCode: 3, first: [{ break_no: 1 }, { break_no: 3 }] });
      // That comparison was of a time to come.
      await ledger.query(`update break set last_seen_at = first_seen_at`);
    } finally {
      await ledger.close();
    }
    await enrol(world, listOf(6));
    const restored = await reconcile(world);
    expect(restored).toMatchObject({ exitCode: 0, openBreaks: [], breakLists: null });
    expect(figuresOf(restored.breaks)).toEqual({
      not_enrolled: [0, 0, 1, 0],
      no_longer_listed: [0, 0, 0, 1],
      par_changed: [0, 0, 0, 1],
    });
    await enrol(world, changedList);
    const back = await reconcile(world);
    expect(back.openBreaks.map((row) => [row.break, row.kind])).toEqual([
      [4, 'no_longer_listed'],
      [5, 'par_changed'],
    ]);
  });

  it('takes all lists of a glob for one, and says which of them was not read', async () => {
    await using world = await createWorld({ engine });
    const job = await readFile(join(world.cwd, 'job.yaml'), 'utf8');
    await writeFile(join(world.cwd, 'glob.yaml'), job.replace('list.csv', 'inbox-*.csv'));
    const [header = '', ...rows] = listOf(6).trimEnd().split('\n');
    await world.writeList('inbox-a.csv', [header, ...rows.slice(0, 3), ''].join('\n'));
    await world.writeList('inbox-b.csv', [header, ...rows.slice(3, 6), ''].join('\n'));
    await world.writeList('inbox-c.csv', `${header}\n1.23457E+18,${parOf(7)},member 7\n`);
    await runProgram(['run', 'glob.yaml', '--quiet'], world);
    const told = await reconcile(world, '--job', 'proof');
    expect(told).toMatchObject({ exitCode: 0, rows: 6, breaks: [], unreadLists: ['inbox-c.csv'] });
    expect(told.lists.map((list) => list.name)).toEqual(['inbox-a.csv', 'inbox-b.csv']);
  });

  it('refuses what is no list of the last night, and an unknown job', async () => {
    await using world = await createWorld({ engine });
    const nothing = await runProgram(['reconcile', '--json'], world);
    expect(failureOf(nothing, 2)).toContain('holds no list that has come to its end');
    const older = await enrol(world, listOf(6));
    const ledger = await openLedger(world.ledger.address);
    await ledger.query('update run set night = night - 1');
    await ledger.close();
    const last = await enrol(world, listOf(6));
    const refused = await runProgram(['reconcile', '--run', older], world);
    expectPlainFailure(
      refused,
      2,
      `run ${older} is not of the last list of job proof, which is that of run ${last}: breaks are of the last one`,
    );
    expect(await reconcile(world, '--run', last)).toMatchObject({ exitCode: 0, rows: 6 });
    const ofNobody = await runProgram(['reconcile', '--job', 'nobody', '--json'], world);
    expect(failureOf(ofNobody, 2)).toContain('no list of job nobody');
    const useless = await runProgram(['reconcile', '--sample', '3', '--json'], world);
    expect(failureOf(useless, 2)).toBe('--sample goes with --against provider');
    const against = await runProgram(['reconcile', '--against', 'nobody', '--json'], world);
    expect(failureOf(against, 2)).toBe('--against: expected list or provider');
  });
});

async function compareLater(ledger: OpenLedger, nights: number) {
  const parts = { clock: nightsLater(nights), told: nobody, shown: 20 };
  return await reconcileList(ledger, { job: null, runId: null }, parts);
}

test('reconcile leaves an embedded ledger alone that another process has open', async () => {
  await using world = await createWorld({ engine: embeddedEngine });
  const ledger = await openLedger(world.ledger.address);
  const end = await runProgram(['reconcile', '--json'], world);
  await ledger.close();
  expect(failureOf(end, 8)).toMatch(/./);
});

const onServer = serverEngine.missing ? test.skip : test;

onServer('two reconciles at once enter each break once (server Postgres)', async () => {
  await using world = await createWorld({ engine: serverEngine, sandbox: { fixtures: refusedCards } });
  await enrol(world, listOf(6));
  await enrol(world, changedList);
  const both = await Promise.all([reconcile(world), reconcile(world)]);
  expect(both.map((told) => told.openBreaks.map((row) => row.break))).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
});
