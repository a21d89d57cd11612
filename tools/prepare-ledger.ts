// `npm run prepare`, which `npm ci` and `npm pack` run: makes the file from which a new embedded ledger is unpacked.
// Creating the engine's data folder and applying every migration takes ten times longer.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, zstdCompressSync } from 'node:zlib';
import { openLedger } from '../src/ledger/engine/open-ledger.ts';
import { readMigrationSteps } from '../src/ledger/engine/migration-steps.ts';
import {
  engineVersion,
  preparedClusterFile,
  readArchive,
  type ClusterIndex,
} from '../src/ledger/engine/prepared-cluster.ts';

/** Makes the file again; its ledger is empty. */
export async function makePreparedCluster(file: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'kona-prepared-'));
  try {
    const folder = join(work, 'ledger');
    const ledger = await openLedger({ kind: 'embedded', folder });
    await ledger.close();
    const packed = await pack(join(folder, 'pgdata'));
    mkdirSync(dirname(file), { recursive: true });
    // Write under another name first, because a process that opens a ledger meanwhile must not find half a file.
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, packed);
    renameSync(unfinished, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function pack(data: string): Promise<Buffer> {
  const entries = await readdir(data, { withFileTypes: true, recursive: true });
  const paths = (wanted: (entry: (typeof entries)[number]) => boolean): string[] =>
    entries
      .filter(wanted)
      .map((entry) => relative(data, join(entry.parentPath, entry.name)))
      .toSorted();
  const files = paths((entry) => entry.isFile()).map((path) => {
    const content = readFileSync(join(data, path));
    return { path, size: content.length, content: withoutZeros(content) };
  });
  const index: ClusterIndex = {
    engine: engineVersion(),
    checksums: (await readMigrationSteps()).map(({ checksum }) => checksum),
    folders: paths((entry) => entry.isDirectory()),
    files: files.map(({ path, size, content }) => ({ path, size, kept: content.length })),
  };
  const head = Buffer.from(`${JSON.stringify(index)}\n`);
  return zstdCompressSync(Buffer.concat([head, ...files.map(({ content }) => content)]), {
    params: {
      [constants.ZSTD_c_compressionLevel]: 12,
      [constants.ZSTD_c_checksumFlag]: 1,
      // The engine's three databases hardly differ, but are further apart than zstd's usual window.
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
      [constants.ZSTD_c_windowLog]: 26,
    },
  });
}

function withoutZeros(content: Buffer): Buffer {
  return content.subarray(0, content.findLastIndex((byte) => byte !== 0) + 1);
}

async function isCurrent(file: string): Promise<boolean> {
  const index = (await readArchive(file))?.index;
  const checksums = (await readMigrationSteps()).map(({ checksum }) => checksum);
  return index?.engine === engineVersion() && index.checksums.join() === checksums.join();
}

if (import.meta.main) {
  const file = fileURLToPath(preparedClusterFile);
  if (!(await isCurrent(file))) {
    // A file with other migrations would be unpacked as if it were current.
    rmSync(file, { force: true });
    await makePreparedCluster(file);
  }
}
