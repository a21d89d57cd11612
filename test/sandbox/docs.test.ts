import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { cardConditions, memberConditions, type Conditions } from '../../src/sandbox/provider/conditions.ts';
import { faultPlan, parseFaultPlan } from '../../src/sandbox/faults/fault-plan.ts';
import { unscriptableFaults } from '../../src/sandbox/faults/fault.ts';
import { scriptableFaults } from './scriptable-faults.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { createFakeHost } from '../cli/fake-host.ts';

const page = readFileSync('docs/sandbox.md', 'utf8');

/** Rows, without code marks, of every table with these columns. */
function tables(...columns: readonly string[]): string[][][] {
  const head = `| ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length)}\n`;
  return page
    .split(head)
    .slice(1)
    .map((rest) =>
      (/^(?:\|.*\n)+/.exec(rest)?.[0] ?? '')
        .trimEnd()
        .split('\n')
        .map((row) =>
          row
            .slice(1, -1)
            .split('|')
            .map((cell) => cell.trim().replaceAll('`', '')),
        ),
    );
}

function firstCells(rows: readonly string[][] | undefined): string[] {
  return (rows ?? []).flatMap(([cell = '']) => cell.split(', '));
}

test('the flags are those of --help', async () => {
  const host = createFakeHost();
  await main(['sandbox', '--help'], host);
  const inHelp = [...host.written.stdout.matchAll(/^ +--([a-z-]+)/gm)].map(([, flag]) => `--${flag}`);
  const own = inHelp.filter((flag) => flag !== '--help' && flag !== '--version');
  expect(own.length).toBeGreaterThanOrEqual(9);
  expect(firstCells(tables('flag', 'what it does')[0]).toSorted()).toEqual(own.toSorted());
});

test('the faults are those of the code, scripted and by chance', () => {
  const [scripted, byChance, ...more] = tables('fault', 'what the client gets');
  expect(more).toEqual([]);
  expect(firstCells(scripted).toSorted()).toEqual([...scriptableFaults].toSorted());
  expect(firstCells(byChance).toSorted()).toEqual([...unscriptableFaults].toSorted());
});

test('the keys of a fault plan are those of the code', () => {
  expect(firstCells(tables('key', 'what it is')[0]).toSorted()).toEqual(
    Object.keys(faultPlan.shape).toSorted(),
  );
});

/** As a table has them: what is ill first, in the order of checks. */
function rowsOf(conditions: Conditions): string[][] {
  return Object.entries(conditions).flatMap(([key, codes]) => {
    const words = Object.entries(codes).toSorted(([, a], [, b]) => Number(a === null) - Number(b === null));
    return words.map(([word, code]) => [key, word, code ?? '']);
  });
}

test.each([
  ['card', cardConditions],
  ['member', memberConditions],
])('the conditions of a %s are those of the code, in its order', (who, conditions) => {
  expect(tables(who, 'word', 'answer')).toEqual([rowsOf(conditions)]);
});

test('the reasons are those of the code', () => {
  const files = readdirSync('src/sandbox', { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`src/sandbox/${name}`, 'utf8'));
  const found = sources
    .join('\n')
    .matchAll(/(?:badRequest|unauthorized|refused)\('(\w+)'\)|reason: '(\w+)'/g);
  const reasons = new Set([...found].map(([, first, second]) => first ?? second ?? ''));
  expect(reasons.size).toBeGreaterThan(20);
  const rows = tables('reason', 'status', 'what is wrong')[0];
  expect(firstCells(rows).toSorted()).toEqual([...reasons].toSorted());
});

test('the examples are read as they stand, and show what they are for', () => {
  const block = (info: string): string => new RegExp(`\`\`\`${info}\\n([^\`]*)\`\`\``).exec(page)?.[1] ?? '';
  const fixtures = parseFixtures(block('yaml fixtures'));
  expect([fixtures.registered.length, fixtures.members.length, fixtures.cards.length]).toEqual([1, 3, 5]);
  expect(Object.keys(parseFaultPlan(block('yaml faults')))).toHaveLength(6);
});
