import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

test('version managers pick the Node that the tests run on', () => {
  expect(readFileSync('.nvmrc', 'utf8').trim()).toBe(manifest.devDependencies['node']);
});

test('editors break lines where the formatter does', () => {
  const { printWidth } = JSON.parse(readFileSync('.prettierrc.json', 'utf8')) as { printWidth: number };
  expect(readFileSync('.editorconfig', 'utf8')).toContain(`max_line_length = ${printWidth}\n`);
});

test('the workflow calls the same script as everybody, with a server Postgres beside it', () => {
  const workflow = parse(readFileSync('.github/workflows/ci.yml', 'utf8')) as {
    jobs: {
      all: {
        services: object;
        env: Record<string, string>;
        steps: { run?: string; with?: Record<string, string> }[];
      };
    };
  };
  const { services, env, steps } = workflow.jobs.all;
  expect(services).toHaveProperty('postgres.image', 'postgres:15');
  expect(env['KONA_TEST_SERVER_URL']).toMatch(/^postgres:\/\//);
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['bash .ci/run']);
  expect(existsSync('.ci/run')).toBe(true);
  expect(steps.flatMap((step) => step.with?.['node-version-file'] ?? [])).toEqual(['.nvmrc']);
});

test('the changelog names the version of package.json', () => {
  const headings = [...readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## \[(.+?)\]/gm)].map(
    ([, name]) => name,
  );
  expect(headings[0]).toBe('Unreleased');
  expect(headings).toContain(manifest.version);
});
