import { globSync, readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { expect, test } from 'vitest';
import { findOutsideTool, missingMarks } from '../../tools/outside-tools.ts';

test('a tool is found by its path, or its mark is among the missing', () => {
  for (const name of ['Chromium', 'LibreOffice', 'nginx', 'HAProxy', 'PgBouncer', 'faketime'] as const) {
    const path = findOutsideTool(name);
    expect(missingMarks().includes(`(${name})`)).toBe(path === undefined);
    expect(isAbsolute(path ?? '/')).toBe(true);
  }
});

test('a test that asks for a tool has its mark in a name', () => {
  const files = globSync('test/**/*.ts').map((path) => readFileSync(path, 'utf8'));
  const asked = new Set(
    files.flatMap((text) => [...text.matchAll(/findOutsideTool\('(\w+)'\)/g)].map((match) => match[1] ?? '')),
  );
  expect([...asked]).toContain('Chromium');
  for (const name of asked) expect(files.some((text) => text.includes(`(${name})'`))).toBe(true);
});
