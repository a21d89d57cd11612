import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findUnknownLicences, licenceDocument, readLicences } from '../../tools/licences.ts';
import { readLock, withoutDevelopment } from '../../tools/lock-file.ts';
import { handedOut } from '../../tools/pack.ts';

const root = process.cwd();

test('the shrinkwrap names every dependency with its hash, and no development one', () => {
  const { packages } = withoutDevelopment(readLock(root));
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const [name, version] of Object.entries(dependencies)) {
    expect(packages[`node_modules/${name}`]).toMatchObject({
      version,
      integrity: expect.stringMatching(/^sha512-/) as string,
    });
  }
  expect(Object.keys(packages)).not.toContain('node_modules/vitest');
  expect(packages['']?.devDependencies).toBeUndefined();
});

test('the package.json that is handed out has no script and no development dependency, but all else', () => {
  const packageFile = { name: 'x', bin: { x: 'dist/x.js' }, files: ['dist'], license: 'MIT' };
  const checkout = {
    ...packageFile,
    devDependencies: { y: '1' },
    scripts: { prepack: 'z' },
    allowScripts: {},
  };
  expect(handedOut(checkout)).toEqual({ ...packageFile, files: ['dist', 'npm-shrinkwrap.json'] });
});

test('every licence of what is installed is known, and brings its text', () => {
  const packages = readLicences(root, readLock(root));
  expect(packages.length).toBeGreaterThan(30);
  expect(findUnknownLicences(packages)).toEqual([]);
  const document = licenceDocument(packages);
  for (const { name, version } of packages) expect(document).toContain(`${name} ${version}: `);
  expect(document).toContain('Permission is hereby granted');
});

test('a licence nobody has said yes to, or none, is told', () => {
  const text = null;
  expect(
    findUnknownLicences([
      { name: 'a', version: '1.0.0', licence: 'MIT', text },
      { name: 'b', version: '2.0.0', licence: 'SSPL-1.0', text },
      { name: 'c', version: '3.0.0', licence: null, text },
    ]),
  ).toEqual(['b 2.0.0: SSPL-1.0', 'c 3.0.0: says no licence']);
});
