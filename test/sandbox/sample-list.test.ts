import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { makeSampleFiles } from '../../samples/make-legacy-users.ts';
import { emptyClassCounts } from '../../src/domain/control-totals.ts';
import { rowClasses } from '../../src/domain/class.ts';
import { parseFixtures } from '../../src/sandbox/provider/fixtures.ts';
import { registerCall, sendCall } from './raw-client.ts';
import { openSandbox } from './sandbox-world.ts';

const samples = new URL('../../samples/', import.meta.url);

interface Expected {
  readonly rowsRead: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly codes: Readonly<Record<string, number>>;
}

async function setup() {
  const list = await readFile(new URL('legacy-users.csv', samples), 'utf8');
  const fixtures = parseFixtures(await readFile(new URL('sandbox-fixtures.yaml', samples), 'utf8'));
  const expected = JSON.parse(
    await readFile(new URL('expected/legacy-users.json', samples), 'utf8'),
  ) as Expected;
  const [header, ...rows] = parse(list, { relax_column_count: true, skip_empty_lines: true });
  return { list, fixtures, expected, header, rows };
}

test('the files are what the script makes, byte for byte', async () => {
  const made = makeSampleFiles();
  expect([...made.keys()]).toEqual([
    'legacy-users.csv',
    'sandbox-fixtures.yaml',
    'expected/legacy-users.json',
  ]);
  for (const [path, content] of made) {
    const committed = await readFile(new URL(path, samples));
    expect({ path, isSame: Buffer.from(content).equals(committed) }).toEqual({ path, isSame: true });
  }
});

test('the list shows what it is for', async () => {
  const { list, rows, header, expected } = await setup();
  expect(header).toEqual(['user_id', 'par', 'name', 'joined']);
  expect(rows.length).toBeGreaterThanOrEqual(330);
  expect(expected.rowsRead).toBe(rows.length);
  const lines = list.split('\n');
  expect(lines.indexOf('')).toBeGreaterThan(100);
  expect(lines.indexOf('')).toBeLessThan(rows.length);
  // Header, blank line, the end of the last line, and three new lines within cells.
  expect(lines.length).toBe(rows.length + 3 + 3);
  const ids = rows.map((cells) => cells[0] ?? '');
  for (const id of [
    '9999999999999999999',
    '9007199254740992',
    '9007199254740993',
    'M0012345',
    '0',
    '',
    '1',
  ]) {
    expect(ids).toContain(id);
  }
  expect(ids.some((id) => /^\d{20}$/.test(id))).toBe(true);
  expect(ids.some((id) => /^0./.test(id))).toBe(false);
  const pars = rows.map((cells) => cells[1] ?? '');
  expect(pars.map((par) => par.length)).toContain(26);
  expect(pars.some((par) => /^[a-z0-9]{27}$/.test(par) && /[a-z]/.test(par))).toBe(true);
  expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([1, 4, 5]));
  expect(rows.some((cells) => cells[2]?.includes(',') === true)).toBe(true);
  expect(rows.filter((cells) => cells[2]?.includes('\n') === true)).toHaveLength(2);
});

test('the expectation has every class, adds up, and shows every answer of the page', async () => {
  const { expected } = await setup();
  expect(Object.keys(expected.classes)).toEqual([...rowClasses]);
  expect(Object.values(expected.classes).reduce((sum, count) => sum + count, 0)).toBe(expected.rowsRead);
  const pageCodes = '000_000 000_002 001_003 007_012 007_015 007_016 007_017 007_027 007_031'.split(' ');
  expect(Object.keys(expected.codes)).toEqual([...pageCodes, '009_999']);
  for (const code of pageCodes) expect(expected.codes[code]).toBeGreaterThanOrEqual(3);
  const absent = ['already_done', 'ambiguous', 'transient', 'unprocessed'];
  expect(rowClasses.filter((name) => expected.classes[name] === 0)).toEqual(absent);
});

/** The shortest client that could be written: one row after the other, five attempts, no program of ours. */
test('a plain client that retries comes to exactly what is expected', async () => {
  const { rows, fixtures, expected } = await setup();
  const sandbox = await openSandbox({ fixtures });
  const classes = emptyClassCounts();
  const codes: Record<string, number> = {};
  const seen = new Set<string>();
  const usersOfPar = new Map<string, Set<string>>();
  const isRecord = (cells: readonly string[]): boolean =>
    cells.length === 4 && /^[1-9]\d{0,18}$/.test(cells[0] ?? '') && /^[A-Z0-9]{27}$/.test(cells[1] ?? '');
  for (const [user = '', par = ''] of rows.filter(isRecord)) {
    usersOfPar.set(par, (usersOfPar.get(par) ?? new Set()).add(user));
  }
  const classOfCode: Record<string, keyof typeof classes> = {
    '000_000': 'enrolled',
    '007_017': 'already_active',
    '007_012': 'conflict',
    '000_002': 'bad_data',
    '001_003': 'bad_data',
    '009_999': 'unknown_code',
  };
  for (const cells of rows) {
    const [user = '', par = ''] = cells;
    if (!isRecord(cells)) classes.rejected += 1;
    else if (seen.has(`${user}/${par}`)) classes.duplicate += 1;
    else if (usersOfPar.get(par)?.size !== 1) classes.disputed += 1;
    else {
      const { code, wasUnanswered } = await callUntilAnswered(sandbox.baseUrl, user, par);
      codes[code] = (codes[code] ?? 0) + 1;
      const found = classOfCode[code] ?? 'action_required';
      classes[found === 'already_active' && wasUnanswered ? 'recovered' : found] += 1;
    }
    if (isRecord(cells)) seen.add(`${user}/${par}`);
  }
  expect({ rowsRead: rows.length, classes, codes }).toEqual(expected);
  expect(sandbox.truth()).toHaveLength(
    classes.enrolled + classes.recovered + classes.already_active + classes.conflict,
  );
  const answers = Object.keys(sandbox.stats().byAnswer);
  expect(answers).toEqual(
    expect.arrayContaining([
      '429',
      '500 before',
      '500 after',
      'reset before',
      'reset after',
      'truncated after',
    ]),
  );
});

async function callUntilAnswered(baseUrl: string, user: string, par: string) {
  let wasUnanswered = false;
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const reply = await sendCall(baseUrl, registerCall(user, par));
    if (reply.kind === 'whole' && reply.status <= 400) return { code: reply.code ?? '', wasUnanswered };
    wasUnanswered ||= reply.kind === 'broken' || reply.status >= 500;
  }
  return { code: 'unanswered', wasUnanswered };
}
