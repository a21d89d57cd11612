import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/cli/system-clock.ts';
import { isSuccess, rowClasses, type RowClass } from '../../src/domain/class.ts';
import { builtInOutcomes } from '../../src/konaplate/built-in-outcomes.ts';
import { openLedger } from '../../src/ledger/engine/open-ledger.ts';
import { runJob } from '../../src/run/run-job.ts';
import { scriptableFaults } from '../sandbox/scriptable-faults.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createWorld, listOf, parOf, userIdOf } from '../support/enrolment-world.ts';
import { embeddedEngine } from '../support/ledgers.ts';
import { createRunEnvironment } from '../support/run-environment.ts';

const ATTEMPTS = 3;
const JOB = [
  'limits: { rate: 1000/s, concurrency: 2, timeout: 1s }',
  `retry: { attempts: ${ATTEMPTS}, backoff: 1ms..2ms }`,
].join('\n');

/** What the provider answers for good once nothing goes wrong: every documented code, and one that is not. */
const answers = [...builtInOutcomes.map((rule) => rule.code), '009_999'];
const moments = ['the first call', 'the second call', 'every call'] as const;

interface Cell {
  readonly number: number;
  readonly what: string;
  readonly moment: (typeof moments)[number];
  /** Of the member's card. */
  readonly answer: string | null;
  readonly faults: readonly string[];
}

function createCells(): readonly Cell[] {
  const cells: Omit<Cell, 'number'>[] = [];
  for (const code of answers) {
    const answer = code === '000_000' ? null : code;
    cells.push({ what: code, moment: 'the first call', answer, faults: [] });
    cells.push({ what: code, moment: 'the second call', answer, faults: ['500 before'] });
  }
  for (const what of scriptableFaults) {
    cells.push({ what, moment: 'the first call', answer: null, faults: [what] });
    cells.push({ what, moment: 'the second call', answer: null, faults: ['500 before', what] });
    const faults = Array.from({ length: ATTEMPTS }, () => what);
    cells.push({ what, moment: 'every call', answer: null, faults });
  }
  return cells.map(({ what, moment, answer, faults }, index) => ({
    number: index + 1,
    what,
    moment,
    answer,
    faults,
  }));
}

const cells = createCells();

/** Who is registered beforehand is what the two answers about plans are about. */
function fixturesOf(cell: Cell): string {
  const par = parOf(cell.number);
  const faults = `faults: [${cell.faults.map((fault) => `"${fault}"`).join(', ')}]`;
  const isPlan = cell.answer === '007_017' || cell.answer === '007_012';
  const user = cell.answer === '007_017' ? userIdOf(cell.number) : '77';
  const answer = cell.answer === null || isPlan ? '' : `answer: "${cell.answer}", `;
  return [
    ...(isPlan ? ['registered:', `  - { user: "${user}", par: ${par} }`] : []),
    ...(answer === '' && cell.faults.length === 0
      ? []
      : ['cards:', `  - { par: ${par}, ${answer}${faults} }`]),
    '',
  ].join('\n');
}

interface Met {
  readonly class: RowClass;
  readonly calls: number;
  readonly exitCode: number;
  /** Whether the provider holds the member's card as registered in the end, by this member's own call or before. */
  readonly isRegistered: boolean;
}

/** Each cell is a run of its own: a list of one member. */
async function meetAll(encryption: 'required' | 'off'): Promise<readonly Met[]> {
  await using world = await createWorld({ engine: embeddedEngine, encryption, job: JOB });
  const ledger = await openLedger(world.ledger.address);
  const [header] = listOf(0).split('\n');
  const met: Met[] = [];
  try {
    const environment = await createRunEnvironment(world, ledger, { clock: systemClock });
    for (const cell of cells) {
      const { number } = cell;
      world.sandbox.replaceFixtures(parseFixtures(fixturesOf(cell)));
      await world.writeList('list.csv', `${header}\n${userIdOf(number)},${parOf(number)},x\n`);
      const [result] = await runJob(environment);
      if (result?.kind !== 'ran') throw new Error(`${cell.what}: the list was refused`);
      const { classes, calls, totalsAgree } = result.summary;
      const name = rowClasses.find((one) => classes[one] === 1);
      if (name === undefined || !totalsAgree) throw new Error(`${cell.what}: the totals do not agree`);
      const isRegistered = world.sandbox
        .truth()
        .some((entry) => entry.userId === userIdOf(number) && entry.par === parOf(number));
      met.push({ class: name, calls, exitCode: result.exitCode, isRegistered });
    }
  } finally {
    await ledger.close();
  }
  return met;
}

const plain = meetAll('off');
const encrypted = plain.then(async () => await meetAll('required'));

describe.each([
  ['plain', plain],
  ['encrypted', encrypted],
] as const)('every answer and every fault, %s', (_, all) => {
  test('success is never claimed for who is not registered', async () => {
    const met = await all;
    expect(met).toHaveLength(cells.length);
    const claimed = met.flatMap((one, index) =>
      isSuccess(one.class) && !one.isRegistered ? [[cells[index]?.what, one.class]] : [],
    );
    expect(claimed).toEqual([]);
    expect(met.filter((one) => isSuccess(one.class)).length).toBeGreaterThan(scriptableFaults.length);
  });

  test('who is registered is called a success, or ambiguous, or was not judged; never a failure', async () => {
    const couldBe = /^(enrolled|recovered|already_active|ambiguous|unprocessed|unknown_code)$/;
    const registered = (await all).flatMap((one, index) =>
      one.isRegistered ? [[cells[index]?.what, one.class]] : [],
    );
    expect(registered.length).toBeGreaterThan(scriptableFaults.length);
    expect(registered.filter(([, name = '']) => !couldBe.test(name))).toEqual([]);
  });

  test('a record costs no more than its attempts, 429 apart', async () => {
    const calls = (await all).map((one, index) => [cells[index]?.what ?? '', one.calls] as const);
    expect(calls.filter(([what, count]) => count > ATTEMPTS && !what.startsWith('429'))).toEqual([]);
  });

  test('exit codes are those of their class', async () => {
    const exits = new Map((await all).map((one) => [`${one.class} ${one.exitCode}`, one]));
    expect([...exits.keys()].toSorted()).toEqual([
      'action_required 3',
      'already_active 0',
      'ambiguous 4',
      'bad_data 3',
      'conflict 3',
      'enrolled 0',
      'recovered 0',
      'unknown_code 4',
      'unprocessed 7',
    ]);
  });
});

function shownAs(met: Met): string {
  return `${met.class}, ${met.calls === 1 ? '1 call' : `${met.calls} calls`}, exit ${met.exitCode}`;
}

test('encrypted or plain makes no difference', async () => {
  const differing = new Set<string>();
  const [first, second] = await Promise.all([plain, encrypted]);
  for (const [index, cell] of cells.entries()) {
    const [a, b] = [first[index], second[index]];
    if (a === undefined || b === undefined || shownAs(a) !== shownAs(b)) differing.add(cell.what);
  }
  expect([...differing]).toEqual([]);
});

test('docs/answers.md is what was met (vitest -u writes it)', async () => {
  const all = await encrypted;
  const cellOf = (what: string, moment: string): string => {
    const index = cells.findIndex((cell) => cell.what === what && cell.moment === moment);
    const met = all[index];
    return met === undefined ? '' : shownAs(met);
  };
  const rows = (names: readonly string[], columns: readonly string[]): string[] => [
    `| | ${columns.map((column) => `on ${column}`).join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...names.map((what) => `| \`${what}\` | ${columns.map((moment) => cellOf(what, moment)).join(' | ')} |`),
  ];
  const page = [
    '# What happens to a record, answer by answer and fault by fault',
    '',
    'A test compares every cell with what really happens: it runs a list of one member, plain and encrypted, against the provider simulator; both give the same.',
    `The settings are \`retry.attempts: ${ATTEMPTS}\` and \`verify.enabled: false\`. Each cell shows the row's class, the number of calls and the run's exit code.`,
    '`unprocessed` with exit 7 means that the run stopped, because the answer says nothing about the record.',
    '',
    '## What the provider answers',
    '',
    'On the second call: the first met a 500 and was not processed.',
    '',
    ...rows(answers, moments.slice(0, 2)),
    '',
    '## What can go wrong',
    '',
    'The words are those of [the simulator](sandbox.md): `before` the call took effect, or `after`. Whoever is called without a fault is registered.',
    'On the second call: the first met a 500 and was not processed.',
    '',
    ...rows(scriptableFaults, moments),
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../../docs/answers.md');
});
