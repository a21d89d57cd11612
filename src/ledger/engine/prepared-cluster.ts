import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { packageFile } from '../../config/package-files.ts';
import { readMigrationSteps, type MigrationStep } from './migration-steps.ts';

/** Where `tools/prepare-ledger.ts` puts it: in a checkout with `npm ci`, in what is published when it is packed. */
export const preparedClusterFile = packageFile('prepared/embedded-ledger.zst');

/**
 * A data folder of the embedded engine with schema steps applied, as one file: a line of JSON, which is this, and after it
 * the contents of the files one after the other. All of it compressed.
 */
export interface ClusterIndex {
  /** Version of the package that made it. */
  readonly engine: string;
  /** Of the schema steps applied, in order. */
  readonly checksums: readonly string[];
  /** Also those that hold nothing; a folder stands after the one it is in. */
  readonly folders: readonly string[];
  readonly files: readonly ClusterFile[];
}

interface ClusterFile {
  readonly path: string;
  readonly size: number;
  /** Bytes of it that are in the archive; those behind them are zero. */
  readonly kept: number;
}

/** The version of the embedded engine's package, which package.json names exactly. */
export function engineVersion(): string {
  const { dependencies } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return dependencies['@electric-sql/pglite'] ?? '';
}

/**
 * Writes the prepared data folder to `into`, which must not be there, and returns the names of the schema steps it has.
 * Null, with nothing written: there is none, or it is another engine's, or its steps are not the first of ours. The steps
 * that it lacks are for `migrateLedger`.
 */
export async function unpackCluster(
  into: string,
  from: URL | string = preparedClusterFile,
): Promise<readonly string[] | null> {
  const archive = await readArchive(from);
  if (archive === null) return null;
  const { index, contents } = archive;
  const steps = await readMigrationSteps();
  if (index.engine !== engineVersion() || !isBeginning(index.checksums, steps)) return null;
  for (const folder of ['', ...index.folders]) mkdirSync(join(into, folder), { mode: 0o700 });
  let at = 0;
  for (const { path, size, kept } of index.files) {
    const file = join(into, path);
    writeFileSync(file, contents.subarray(at, at + kept), { mode: 0o600 });
    // Zeros at the end take no room, as those of the log that is laid out ahead.
    if (size > kept) truncateSync(file, size);
    at += kept;
  }
  return steps.slice(0, index.checksums.length).map(({ name }) => name);
}

interface Archive {
  readonly index: ClusterIndex;
  readonly contents: Buffer;
}

/** Null: there is none, or not all of it. */
export async function readArchive(from: URL | string): Promise<Archive | null> {
  try {
    const bytes = await promisify(zstdDecompress)(readFileSync(from));
    const end = bytes.indexOf('\n');
    const index = JSON.parse(bytes.toString('utf8', 0, end)) as ClusterIndex;
    const contents = bytes.subarray(end + 1);
    const length = index.files.reduce((sum, { kept }) => sum + kept, 0);
    return contents.length === length ? { index, contents } : null;
  } catch {
    return null;
  }
}

function isBeginning(checksums: readonly string[], steps: readonly MigrationStep[]): boolean {
  return checksums.every((checksum, index) => steps[index]?.checksum === checksum);
}
