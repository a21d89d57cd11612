import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { whoMustAct } from '../../src/domain/class.ts';
import { builtInOutcomes } from '../../src/konaplate/built-in-outcomes.ts';

const text = readFileSync('docs/provider-contract.md', 'utf8');

test('every file the sentence-by-sentence table names is there', () => {
  const paths = [...text.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});

test('no line of the page is left out, and each table row stands where it says', () => {
  const page = readFileSync('test/contract/register-api.txt', 'utf8').split('\n');
  const rows = [...text.matchAll(/^\| (\d+)(?:-(\d+))? \| ([^|]+) \|/gm)];
  const covered = new Set<number>();
  for (const [, first = '', last = first, says = ''] of rows) {
    const lines = page.slice(Number(first) - 1, Number(last)).join('\n');
    const named = /`(X-KM-[A-Za-z-]+|userId|par|POST)|\d{3}_\d{3}/.exec(says);
    expect(lines).toContain(named?.[1] ?? named?.[0] ?? '');
    for (let line = Number(first); line <= Number(last); line += 1) {
      expect(covered.has(line)).toBe(false);
      covered.add(line);
    }
  }
  const written = page.flatMap((line, index) => (line.trim() === '' ? [] : [index + 1]));
  expect(written.length).toBeGreaterThan(150);
  expect(written.filter((line) => !covered.has(line))).toEqual([]);
});

test('the table has the codes the program knows, with their classes', () => {
  const rows = [
    ...text.matchAll(/^\| \d+-\d+ \| (\d{3}) (\d{3}_\d{3}) [^|]+\| (\w+)[^|]*\| ([a-z ]+) \|$/gm),
  ];
  const shown = rows.map(([, status, code, name, actor]) => [Number(status), code, name, actor]);
  const known = builtInOutcomes.map((rule) => [
    rule.documentedStatus,
    rule.code,
    rule.class,
    whoMustAct(rule.class, false).replace('_', ' '),
  ]);
  expect(new Set(shown.map(String))).toEqual(new Set(known.map(String)));
});
