import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

/** Lints files under the project's own rules; answers the exit code and the rules broken, by file. */
async function lint(
  files: Readonly<Record<string, string>>,
): Promise<{ code: number; broken: Record<string, string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'kona-lint-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  for (const name of ['.oxlintrc.json', 'tsconfig.json']) await copyFile(name, join(folder, name));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));

  const oxlint = [
    resolve('node_modules/oxlint/bin/oxlint'),
    '--type-aware',
    '--deny-warnings',
    '--format=json',
  ];
  const { code, stdout } = await run(process.execPath, oxlint, folder);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const broken: Record<string, string[]> = {};
  for (const diagnostic of diagnostics) (broken[diagnostic.filename] ??= []).push(diagnostic.code);
  return { code, broken };
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; stdout: string }> {
  try {
    return { code: 0, stdout: (await promisify(execFile)(command, args, { cwd })).stdout };
  } catch (error) {
    return error as { code: number; stdout: string };
  }
}

test('sound code passes', async () => {
  const { code, broken } = await lint({
    'src/run/sound.ts': 'export function double(value: number): number {\n  return value * 2;\n}\n',
    'src/cli/sound.ts': 'export function main(): void {\n  console.log(process.argv.length);\n}\n',
    'test/run/sound.test.ts':
      "import { expect, test } from 'vitest';\ntest.skipIf(process.env['X'] === undefined)('kept (server Postgres)', () => {\n  expect(1 + 1).toBe(2);\n});\n",
  });
  expect(broken).toEqual({});
  expect(code).toBe(0);
});

test('each house rule fails on a planted breach', async () => {
  const { code, broken } = await lint({
    'src/run/floating.ts': 'export function start(job: () => Promise<void>): void {\n  job();\n}\n',
    'src/run/misused.ts':
      'export function start(jobs: number[], run: (job: number) => Promise<boolean>): void {\n  if (run(jobs.length)) jobs.pop();\n}\n',
    'src/run/any.ts': 'export function cut(value: any): string {\n  return String(value);\n}\n',
    'src/run/bang.ts': 'export function first(list: string[]): string {\n  return list[0]!;\n}\n',
    'src/run/switch.ts':
      "export function name(end: 'done' | 'stopped'): string {\n  switch (end) {\n    case 'done':\n      return 'd';\n  }\n  return '';\n}\n",
    'src/run/default.ts': 'export default function cut(): void {}\n',
    'src/run/inline.ts': "export type Length = typeof import('./sound.ts');\n",
    'src/run/console.ts': "export function say(): void {\n  console.log('hello');\n}\n",
    'src/run/process.ts': 'export function pid(): number {\n  return process.pid;\n}\n',
    'src/run/fetch.ts':
      "export async function call(): Promise<Response> {\n  return await fetch('http://127.0.0.1');\n}\n",
    'src/run/long.ts': `export function long(): number {\n  let sum = 0;\n${'  sum += 1;\n'.repeat(61)}  return sum;\n}\n`,
    'test/run/only.test.ts':
      "import { expect, test } from 'vitest';\ntest.only('a', () => {\n  expect(1).toBe(1);\n});\n",
    'test/run/skip.test.ts':
      "import { expect, test } from 'vitest';\ntest.skip('a', () => {\n  expect(1).toBe(1);\n});\n",
    'test/run/sleep.test.ts':
      "import { setTimeout as sleep } from 'node:timers/promises';\nawait sleep(50);\n",
    'test/run/nap.test.ts': 'await new Promise((resolve) => setTimeout(resolve, 50));\n',
  });
  expect(code).toBe(1);
  expect(broken).toMatchObject({
    'src/run/floating.ts': ['typescript(no-floating-promises)'],
    'src/run/misused.ts': ['typescript(no-misused-promises)'],
    'src/run/any.ts': ['typescript(no-explicit-any)'],
    'src/run/bang.ts': ['typescript(no-non-null-assertion)'],
    'src/run/switch.ts': ['typescript(switch-exhaustiveness-check)'],
    'src/run/default.ts': ['import(no-default-export)'],
    'src/run/inline.ts': ['typescript(consistent-type-imports)'],
    'src/run/console.ts': ['eslint(no-console)'],
    'src/run/process.ts': ['eslint(no-restricted-globals)'],
    'src/run/fetch.ts': ['eslint(no-restricted-globals)'],
    'src/run/long.ts': ['eslint(max-lines-per-function)'],
    'test/run/only.test.ts': ['vitest(no-focused-tests)'],
    'test/run/skip.test.ts': ['vitest(no-disabled-tests)'],
    'test/run/sleep.test.ts': ['eslint(no-restricted-imports)'],
    'test/run/nap.test.ts': ['eslint(no-promise-executor-return)'],
  });
});
