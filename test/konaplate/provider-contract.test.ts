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

test('the table has the codes the program knows, with their classes', () => {
  const rows = [...text.matchAll(/^\| (\d{3}) (\d{3}_\d{3}) [^|]+\| (\w+)[^|]*\| ([a-z ]+) \|$/gm)];
  const shown = rows.map(([, status, code, name, actor]) => [Number(status), code, name, actor]);
  const known = builtInOutcomes.map((rule) => [
    rule.documentedStatus,
    rule.code,
    rule.class,
    whoMustAct(rule.class, false).replace('_', ' '),
  ]);
  expect(new Set(shown.map(String))).toEqual(new Set(known.map(String)));
});
