import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface PackageFile {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const packageFile = JSON.parse(readFileSync('package.json', 'utf8')) as PackageFile;

test('every version is exact', () => {
  const versions = Object.entries({ ...packageFile.dependencies, ...packageFile.devDependencies });
  expect(versions.length).toBeGreaterThan(20);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('check runs every check there is', () => {
  const { check = '' } = packageFile.scripts;
  for (const name of ['lint', 'format', 'typecheck', 'imports', 'unused', 'build', 'package']) {
    expect(packageFile.scripts).toHaveProperty(name);
    expect(check.split(' && ')).toContain(`npm run ${name}`);
  }
});
