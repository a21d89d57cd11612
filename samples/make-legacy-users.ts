/**
 * Makes legacy-users.csv, sandbox-fixtures.yaml and expected/legacy-users.json, byte for byte the same at every
 * run: `node samples/make-legacy-users.ts`. What is expected follows from how the rows are made, not from
 * running the program on them. All people, ids and PARs are made up.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { emptyClassCounts } from '../src/domain/control-totals.ts';
import { recipes } from './legacy-user-recipes.ts';
import { createInvention, makeRow, type Invention, type SampleRow } from './legacy-user-rows.ts';

const SEED = 20261123;
const header = ['user_id', 'par', 'name', 'joined'];
/** Data rows before the blank line. */
const ROWS_BEFORE_BLANK_LINE = 150;
/** How far down the list a row comes again. */
const DUPLICATE_DISTANCE = 37;

/** File contents by path, relative to this folder. */
export function makeSampleFiles(): ReadonlyMap<string, string> {
  const invention = createInvention(SEED);
  const rows = makeRows(invention);
  return new Map([
    ['legacy-users.csv', renderList(rows)],
    ['sandbox-fixtures.yaml', renderFixtures(rows, invention)],
    ['expected/legacy-users.json', renderExpected(rows)],
  ]);
}

function makeRows(invention: Invention): SampleRow[] {
  const single = recipes.flatMap((recipe) =>
    Array.from({ length: recipe.count }, () => makeRow(recipe, invention)),
  );
  const rows = invention.shuffle([...single, ...makeDisputed(invention)]);
  for (const original of chooseRepeated(single)) {
    const at = Math.min(rows.indexOf(original) + DUPLICATE_DISTANCE, rows.length);
    rows.splice(at, 0, makeDuplicate(original, invention));
  }
  return rows;
}

/** One PAR that two members claim. */
function makeDisputed(invention: Invention): SampleRow[] {
  const par = invention.par();
  const recipe = { count: 1, end: 'disputed', code: null, card: null, par } as const;
  return [makeRow(recipe, invention), makeRow(recipe, invention)];
}

/** Rows that come again, one of them twice. */
function chooseRepeated(rows: readonly SampleRow[]): SampleRow[] {
  const ends = ['enrolled', 'enrolled', 'recovered', 'already_active', 'action_required', 'conflict'];
  return ends.flatMap((end) => rows.find((row) => row.end === end) ?? []);
}

/** The same record, told differently: only user id and PAR make it one. */
function makeDuplicate({ cells }: SampleRow, invention: Invention): SampleRow {
  const [userId = '', par = ''] = cells;
  return {
    cells: [userId, par, invention.name(), invention.joined()],
    end: 'duplicate',
    code: null,
    card: null,
  };
}

function renderList(rows: readonly SampleRow[]): string {
  const lines = [header, ...rows.map((row) => row.cells)].map((cells) => cells.map(quoteCell).join(','));
  lines.splice(1 + ROWS_BEFORE_BLANK_LINE, 0, '');
  return `${lines.join('\n')}\n`;
}

function quoteCell(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Ids in quotes: as bare numbers YAML would round them. */
function renderFixtures(rows: readonly SampleRow[], invention: Invention): string {
  const registered: string[] = [];
  const members: string[] = [];
  const cards: string[] = [];
  for (const { cells, card } of rows) {
    const [userId = '', par = ''] = cells;
    if (card === null) continue;
    switch (card.kind) {
      case 'registered': {
        const user = card.to === 'this user' ? userId : invention.userId();
        registered.push(`  - { user: '${user}', par: '${par}' }`);
        break;
      }
      case 'condition':
        if (card.of === 'member') members.push(`  - { user: '${userId}', ${card.text} }`);
        else cards.push(`  - { par: '${par}', user: '${userId}', ${card.text} }`);
        break;
      case 'answer':
        cards.push(`  - { par: '${par}', user: '${userId}', answer: '${card.code}' }`);
        break;
      case 'faults':
        cards.push(`  - { par: '${par}', faults: [${card.faults.map((fault) => `'${fault}'`).join(', ')}] }`);
    }
  }
  return [
    '# What the provider simulator knows of the records in legacy-users.csv; all others are registered at the first call.',
    '# Made by make-legacy-users.ts. Write `account: registered`, `status: active` and so on, or take the line out, and',
    '# start again: the condition is cured, the next call succeeds. docs/sandbox.md has every word.',
    'registered:',
    ...registered,
    'members:',
    ...members,
    'cards:',
    ...cards,
    '',
  ].join('\n');
}

/** After a first run: every class with its count, and the rows by the provider's last code. */
function renderExpected(rows: readonly SampleRow[]): string {
  const classes = emptyClassCounts();
  const codes = new Map<string, number>();
  for (const { end, code } of rows) {
    classes[end] += 1;
    if (code !== null) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const sortedCodes = Object.fromEntries(Array.from(codes).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ rowsRead: rows.length, classes, codes: sortedCodes }, null, 2)}\n`;
}

if (import.meta.main) {
  mkdirSync(new URL('expected/', import.meta.url), { recursive: true });
  for (const [path, content] of makeSampleFiles()) writeFileSync(new URL(path, import.meta.url), content);
}
