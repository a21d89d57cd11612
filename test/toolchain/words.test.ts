import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPage } from '../support/readme.ts';

test('the glossary has every word of ours that the code uses', () => {
  const rows = readPage('docs/architecture.md').table('Words', ['word', 'meaning']);
  const words = rows.map(([word]) => word);
  for (const word of [
    'actor',
    'break',
    'canary',
    'claim',
    'due',
    'epoch',
    'finding',
    'handed back',
    'held',
    'hours',
    'inquiry',
    'kept class',
    'mark',
    'note',
    'notice',
    'permit',
    'proof',
    'purse',
    'rejection',
    'settled',
    'share',
    'slot',
    'start',
    'task',
    'turn',
    'verdict',
    'window',
    'work',
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

/** Where types that carry a word of the glossary in their name may stand: it means one thing, and that is told there. */
const rooms: Readonly<Record<string, RegExp>> = {
  Actor: /^src\/domain\/class\.ts$/,
  Break: /^src\/(?:domain\/reconciliation|ledger\/(?:breaks|proofs)|report|reconcile|cli)\//,
  Note: /^src\/(?:report|ledger\/breaks)\//,
  Verdict: /^src\/report\/(?:verdict\.ts$|texts\/verdict-texts\.ts$)/,
  Window: /^src\/(?:dispatch\/gate\/|config\/job-file\/rate-limit\.ts$)/,
  Work: /^src\/(?:domain\/work\.ts$|ledger\/proofs\/row-groups\.ts$)/,
};

test('a word of the glossary means one thing: types named by it stand in the room it belongs to', () => {
  const declared = globSync('src/**/*.ts').flatMap((file) =>
    Array.from(
      readFileSync(file, 'utf8').matchAll(/^(?:export )?(?:interface|type|class) ([A-Z]\w*)/gm),
      ([, name = '']) => ({ name, file: file.replaceAll('\\', '/') }),
    ),
  );
  expect(declared.length).toBeGreaterThan(400);
  for (const [word, room] of Object.entries(rooms)) {
    // Workbook and Breaker are other words.
    const named = declared.filter(({ name }) => new RegExp(`${word}s?(?![a-z])`).test(name));
    expect({ word, types: named.length }).not.toEqual({ word, types: 0 });
    expect(named.filter(({ file }) => !room.test(file))).toEqual([]);
  }
});

test('an actor is who must act: no function actorOf… gives anything else', () => {
  const functions = globSync('src/**/*.ts').flatMap((file) =>
    Array.from(
      readFileSync(file, 'utf8').matchAll(/^(?:export )?function (actorOf\w*)\([^]*?\)(: [^{]+)? \{$/gm),
      ([, name = '', result = '']) => ({ name, result }),
    ),
  );
  expect(functions.length).toBeGreaterThan(2);
  expect(functions.filter(({ result }) => !/\bActor\b/.test(result))).toEqual([]);
});
