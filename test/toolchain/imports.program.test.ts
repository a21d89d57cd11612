import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findBlindSpots } from '../../tools/check-imports.ts';
import { importRules } from '../../tools/import-rules.ts';

const checkImports = fileURLToPath(new URL('../../tools/check-imports.ts', import.meta.url));

/** A house in which every rule is kept; each test plants its breach in it. */
const soundHouse: Readonly<Record<string, string>> = {
  'package.json':
    '{ "type": "module", "dependencies": { "undici": "8.12.4", "pg": "8.23.1", "p-limit": "7.3.3", "csv-parse": "7.0.3" } }',
  'src/domain/par.ts': 'export const parLength = 27;',
  'src/config/settings.ts':
    "import { parLength } from '../domain/par.ts';\nexport const settings = { parLength };",
  'src/konaplate/client.ts':
    "import { settings } from '../config/settings.ts';\nexport const client = settings;",
  'src/ledger/store.ts':
    "import type { settings } from '../config/settings.ts';\nexport type Store = typeof settings;",
  'src/run/run.ts': "import { client } from '../konaplate/client.ts';\nexport const run = client;",
  'src/sandbox/server.ts': "import { createServer } from 'node:http';\nexport const server = createServer;",
  'src/cli/bin.ts':
    "import { run } from '../run/run.ts';\nimport { server } from '../sandbox/server.ts';\nexport const all = [run, server];",
};

/** No breach by themselves: what some planted breaches lead to. */
const bystanders: Readonly<Record<string, string>> = {
  'src/domain/other.ts': "import type { parLength } from './par.ts';\nexport type Length = typeof parLength;",
  'src/cli/views/view.ts': 'export const view = 1;',
  'test/support/world.ts': 'export const world = 1;',
  'src/dispatch/loop.ts': 'export const loop = 1;',
  'src/dispatch/call/call.ts': 'export const call = 1;',
  'src/dispatch/progress/pace.ts': 'export const pace = 1;',
};

/** Runs the check as `npm run imports` does, in a house with some files added or replaced. */
async function check(
  planted: Readonly<Record<string, string>>,
  house = soundHouse,
): Promise<{ code: number; text: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kona-imports-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ ...house, ...planted })) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [checkImports], { cwd: folder });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

test('every package that the program needs has its rooms', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object };
  const paths = (importRules.forbidden ?? []).flatMap((rule) =>
    rule.name === 'reserved' && 'to' in rule && typeof rule.to.path === 'string'
      ? [new RegExp(rule.to.path)]
      : [],
  );
  const free = Object.keys(dependencies).filter(
    (name) => !paths.some((path) => path.test(`node_modules/${name}/index.js`)),
  );
  expect(free).toEqual([]);
});

test('a sound house passes, and all of it was looked at', async () => {
  const { code, text } = await check({});
  expect(text).toContain('imports: 7 files, 7 imports looked at, 0 breaches, 0 blind spots');
  expect(code).toBe(0);
});

describe('a planted breach fails', () => {
  test.each([
    {
      rule: 'direction',
      path: 'src/ledger/up.ts',
      text: "import { run } from '../run/run.ts';\nexport const up = run;",
    },
    {
      rule: 'direction',
      path: 'src/config/up.ts',
      text: "import type { Store } from '../ledger/store.ts';\nexport type Up = Store;",
    },
    {
      rule: 'direction',
      path: 'src/run/later.ts',
      text: "export async function later(): Promise<unknown> {\n  return await import('../cli/bin.ts');\n}",
    },
    {
      rule: 'cli-order',
      path: 'src/cli/terminal/line.ts',
      text: "export { view } from '../views/view.ts';",
    },
    {
      rule: 'siblings',
      path: 'src/intake/side.ts',
      text: "import type { Store } from '../ledger/store.ts';\nexport type Side = Store;",
    },
    {
      rule: 'no-cycle',
      path: 'src/domain/par.ts',
      text: "export * from './other.ts';\nexport const parLength = 27;",
    },
    {
      rule: 'sandbox-imports-no-room',
      path: 'src/sandbox/server.ts',
      text: "export * from '../domain/par.ts';",
    },
    { rule: 'sandbox-for-cli-only', path: 'src/run/fake.ts', text: "export * from '../sandbox/server.ts';" },
    { rule: 'domain-is-pure', path: 'src/domain/read.ts', text: "export { readFileSync } from 'node:fs';" },
    { rule: 'reserved', path: 'src/ledger/call.ts', text: "export { request } from 'undici';" },
    { rule: 'reserved', path: 'src/run/sql.ts', text: "import pg from 'pg';\nexport const pool = pg.Pool;" },
    {
      rule: 'reserved',
      path: 'src/run/slots.ts',
      text: "import pLimit from 'p-limit';\nexport const limit = pLimit;",
    },
    {
      rule: 'reserved',
      path: 'src/report/read.ts',
      text: "export { parse } from 'csv-parse/sync';",
    },
    {
      rule: 'direction',
      path: 'src/service/pages.ts',
      text: "import type { all } from '../cli/bin.ts';\nexport type All = typeof all;",
    },
    {
      rule: 'reserved',
      path: 'src/run/argv.ts',
      text: "import { argv } from 'node:process';\nexport const all = argv;",
    },
    {
      rule: 'sub-room',
      path: 'src/dispatch/gate/up.ts',
      text: "export * from '../call/call.ts';",
    },
    {
      rule: 'sub-room',
      path: 'src/dispatch/guards/side.ts',
      text: "export * from '../progress/pace.ts';",
    },
    {
      rule: 'sub-room',
      path: 'src/dispatch/windows/up.ts',
      text: "export * from '../loop.ts';",
    },
    { rule: 'known-room', path: 'src/dispatch/helpers/cut.ts', text: "export * from '../loop.ts';" },
    { rule: 'known-room', path: 'src/utils/cut.ts', text: "export * from '../domain/par.ts';" },
    { rule: 'shipped-only', path: 'src/cli/helper.ts', text: "export * from '../../test/support/world.ts';" },
    { rule: 'resolvable', path: 'src/cli/lost.ts', text: "export * from './nowhere.ts';" },
  ])('$rule: $path', async ({ rule, path, text }) => {
    const { code, text: said } = await check({ [path]: text, ...bystanders });
    expect(said).toContain(`${rule}: `);
    expect(said).toContain(path);
    expect(code).toBe(1);
  });

  test('what the breaches lead to is none by itself', async () => {
    expect(await check(bystanders)).toMatchObject({ code: 0 });
  });

  test('undici in the room it belongs to is no breach of that rule', async () => {
    const { text } = await check({ 'src/konaplate/call.ts': "export { request } from 'undici';" });
    expect(text).not.toContain('reserved: ');
  });
});

describe('having looked at nothing fails', () => {
  test.each([
    { name: 'no src', house: { 'package.json': '{}' } },
    { name: 'no TypeScript in src', house: { 'package.json': '{}', 'src/cli/readme.txt': 'later' } },
  ])('$name', async ({ house }) => {
    const { code, text } = await check({}, house);
    expect(text).toContain('nothing was looked at');
    expect(code).toBe(1);
  });

  test('a file the cruise left out, and one whose imports it did not see', () => {
    const files = [
      { path: 'src/cli/a.ts', text: "import { b } from './b.ts';\nexport const a = b;" },
      { path: 'src/cli/b.ts', text: 'export const b = 1;' },
    ];
    const seen = { source: 'src/cli/b.ts', dependencies: [] };
    expect(findBlindSpots(files, [seen])).toEqual(['src/cli/a.ts: not looked at']);
    expect(findBlindSpots(files, [seen, { source: 'src/cli/a.ts', dependencies: [] }])).toEqual([
      'src/cli/a.ts: its imports were not seen',
    ]);
  });
});
