// Packs the built program for delivery: the files that `npm pack` takes, a package.json without entries that only a
// checkout needs, and npm-shrinkwrap.json, so that `npm ci` installs the tested versions. As a command: node
// tools/pack.ts FOLDER
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLock, withoutDevelopment } from './lock-file.ts';

const SHRINKWRAP = 'npm-shrinkwrap.json';
const root = fileURLToPath(new URL('..', import.meta.url));

interface PackageFile {
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** Packs what was built last. Returns the path of the package in `destination`. */
export function packProgram(destination: string): string {
  const stage = mkdtempSync(join(tmpdir(), 'kona-pack-'));
  try {
    for (const { path } of filesOf(npmPack(root, '--dry-run'))) {
      cpSync(join(root, path), join(stage, path));
    }
    const packageFile = handedOut(
      JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile,
    );
    writeJson(join(stage, 'package.json'), packageFile);
    writeJson(join(stage, SHRINKWRAP), withoutDevelopment(readLock(root)));
    for (const bin of Object.values(packageFile.bin)) chmodSync(join(stage, bin), 0o755);
    const [packed] = npmPack(stage, '--pack-destination', destination);
    if (packed === undefined) throw new Error('npm pack told of no file');
    return join(destination, packed.filename);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Returns package.json without the entries that only a checkout needs. */
export function handedOut(packageFile: PackageFile): PackageFile {
  const ofCheckout = new Set(['devDependencies', 'scripts', 'allowScripts']);
  const kept = Object.entries(packageFile).filter(([key]) => !ofCheckout.has(key));
  return {
    ...(Object.fromEntries(kept) as unknown as PackageFile),
    files: [...packageFile.files, SHRINKWRAP],
  };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

function npmPack(cwd: string, ...more: string[]): Packed[] {
  const said = execFileSync('npm', ['pack', '--ignore-scripts', '--json', ...more], {
    cwd,
    encoding: 'utf8',
  });
  return JSON.parse(said) as Packed[];
}

function filesOf([packed]: readonly Packed[]): Packed['files'] {
  if (packed === undefined || !packed.files.some(({ path }) => path.startsWith('dist/'))) {
    throw new Error('nothing was built: npm run build');
  }
  return packed.files;
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

if (import.meta.main) {
  const [destination] = process.argv.slice(2);
  if (destination === undefined) throw new Error('expected the folder the package goes into');
  process.stdout.write(`${packProgram(resolve(destination))}\n`);
}
