import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPage } from '../support/readme.ts';

test('the glossary has every word of ours that the code uses', () => {
  const rows = readPage('docs/architecture.md').table('Words', ['word', 'meaning']);
  const words = rows.map(([word]) => word);
  for (const word of [
    'break',
    'canary',
    'claim',
    'epoch',
    'handed back',
    'inquiry',
    'kept class',
    'mark',
    'permit',
    'settled',
    'share',
    'turn',
  ]) {
    expect(words).toContain(word);
  }
  expect(new Set(words).size).toBe(words.length);
});

test('members are kept private by the word, but for a secret, which an inspection must not see', () => {
  const files = globSync('src/**/*.ts');
  expect(files.length).toBeGreaterThan(100);
  const others = files.filter((file) => /\bthis\.#|^ {2}(?:readonly )?#\w/m.test(readFileSync(file, 'utf8')));
  expect(others.map((file) => file.replaceAll('\\', '/'))).toEqual(['src/config/secret.ts']);
});
