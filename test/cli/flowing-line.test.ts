import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { joinFlowed } from '../support/flowed-screen.ts';
import { flowParts, flowText, flowWords } from '../../src/cli/terminal/flowing-line.ts';

const longestRun = `20261129T235958Z-${'n'.repeat(64)}-0e42`;

test('no line is wider than a screen, and a sentence goes on further in', () => {
  const text = flowText(`Run folder\n  ${'a word and '.repeat(20)}its end\n`);
  const lines = text.trimEnd().split('\n');
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
  expect(lines[0]).toBe('Run folder');
  expect(lines[1]).toMatch(/^ {2}a word/);
  expect(lines.slice(2).every((line) => /^ {4}\S/.test(line))).toBe(true);
  expect(lines.map((line) => line.trim()).join(' ')).toBe(`Run folder ${'a word and '.repeat(20)}its end`);
});

test('tests read a broken sentence as one line, and the line below it as its own', () => {
  const long = `  call ${'a word and '.repeat(20)}its end`;
  const text = `Run folder\n${long}\n    rule: built in\n  ${'x'.repeat(74)}\n  ${'y'.repeat(74)}\n`;
  expect(flowText(text)).not.toBe(text);
  expect(joinFlowed(flowText(text))).toBe(text);
});

test('tests read quoted words that are longer than a line behind what introduces them', () => {
  const quoted = `{"code":"${'a word and '.repeat(9)}"}`;
  const joined = joinFlowed(
    flowText(`Member 1, PAR ${'2'.repeat(61)}\n  now: new\n    it wrote: ${quoted}\n`),
  );
  expect(joined.split('\n')[1]).toBe('  now: new');
  expect(joined.split('\n')[2]).toMatch(/^ {4}it wrote: \{"code":"a word/);
});

test('the longest id of a run stays whole, to be copied', () => {
  expect(longestRun).toHaveLength(86);
  expect(flowParts([longestRun], '')).toBe(`${longestRun}\n`);
  expect(flowWords(`Run ${longestRun}: its process has died`)).toBe(
    `Run\n${longestRun}:\nits process has died\n`,
  );
});

test('a name in quotes never begins a line with words of ours', () => {
  const name = '"a list of members Totals agree: 9 rows read = 9.csv"';
  expect(flowText(`List of the last night but one ${name}, 9 rows`)).toBe(
    `List of the last night but one\n  ${name}, 9 rows\n`,
  );
});

test('any other word that is wider than the screen is broken, and never cut', () => {
  const name = '가'.repeat(60);
  const lines = flowParts([name], '  ').trimEnd().split('\n');
  expect(lines.map((line) => stringWidth(line))).toEqual([80, 44]);
  expect(lines.map((line) => line.trim()).join('')).toBe(name);
});
