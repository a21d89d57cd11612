import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('every test that the security checklist of the desk names is there', () => {
  const page = readFileSync('docs/desk-security.md', 'utf8');
  const named = Array.from(
    page.matchAll(/`(?<path>[\w/-]+(?:\.\w+)*\.test\.ts|test\/[\w/-]+\/)`/g),
    ({ groups }) => (groups?.['path'] ?? '').replace(/^(?!test\/)/, 'test/desk/'),
  );
  expect(new Set(named).size).toBeGreaterThan(15);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
  // A line without either says nothing.
  const lines = page.split('\n').filter((line) => /^\| \d/.test(line));
  expect(lines.length).toBeGreaterThan(60);
  expect(lines.filter((line) => !/test\.ts|`test\/|reason|docs|\]\(/.test(line.split('|')[3] ?? ''))).toEqual(
    [],
  );
});
