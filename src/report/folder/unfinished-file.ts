import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** What a manifest records about a file. */
export interface FileFacts {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const SUFFIX = '.part';

/** Largest number of UTF-8 bytes for one UTF-16 code unit. */
const MOST_BYTES_A_CHARACTER = 3;

/** Returns whether a name is that of an unfinished file of ours, left by a killed process. */
export function isUnfinishedName(name: string): boolean {
  return name.startsWith('.') && name.endsWith(SUFFIX);
}

/** Returns the name of a file while it is made; `unique` separates several of one name. */
export function unfinishedName(name: string, unique: string): string {
  return `.${name}.${unique}${SUFFIX}`;
}

/** Bytes are hashed and written in blocks of about this size, whatever pieces they come in. */
const BLOCK_BYTES = 128 * 1024;

/**
 * A file that is written under a unique dot-name. Once it is whole and on disk, it gets its real name and replaces
 * any earlier file. Rejects with the file system's error.
 */
export class UnfinishedFile {
  readonly name: string;
  private readonly path: string;
  private readonly handle: FileHandle;
  private readonly hash = createHash('sha256');
  /** Reused for each block, because only a full garbage collection would free new ones. */
  private block: Buffer = Buffer.alloc(0);
  private filled = 0;
  private bytes = 0;

  private constructor(name: string, path: string, handle: FileHandle) {
    this.name = name;
    this.path = path;
    this.handle = handle;
  }

  /** `mode` is set whatever the umask; without it only the owner may read the file. */
  static async create(folder: string, name: string, mode?: number): Promise<UnfinishedFile> {
    const path = join(folder, unfinishedName(name, randomBytes(4).toString('hex')));
    const file = new UnfinishedFile(name, path, await open(path, 'wx', mode ?? 0o600));
    if (mode !== undefined) await file.handle.chmod(mode);
    return file;
  }

  /** Appends a text. Like all writing methods, call it once at a time. */
  async append(text: string): Promise<void> {
    this.makeRoom(text.length * MOST_BYTES_A_CHARACTER);
    this.filled += this.block.write(text, this.filled);
    await this.writeFullBlock();
  }

  /** Appends bytes in the same way. */
  async appendBytes(bytes: Uint8Array): Promise<void> {
    this.take(bytes);
    await this.writeFullBlock();
  }

  /** Copies the bytes, which are written by the next `writeFullBlock` or together with later ones. */
  take(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.block.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  /** Call it after every few `take`, so that no more than about a block is in memory. */
  async writeFullBlock(): Promise<void> {
    if (this.filled >= BLOCK_BYTES) await this.write();
  }

  /** Ends the file; all bytes are on disk afterwards. */
  async finish(): Promise<FileFacts> {
    await this.write();
    await this.handle.sync();
    await this.handle.close();
    return { name: this.name, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  async publish(folder: string): Promise<void> {
    await rename(this.path, join(folder, this.name));
  }

  /** Removes the file in any state; has no effect once it is published. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(this.path, { force: true }).catch(() => undefined);
  }

  private makeRoom(bytes: number): void {
    const size = this.filled + bytes;
    if (size <= this.block.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, size * 2));
    this.block.copy(larger, 0, 0, this.filled);
    this.block = larger;
  }

  private async write(): Promise<void> {
    const bytes = this.block.subarray(0, this.filled);
    this.filled = 0;
    this.hash.update(bytes);
    this.bytes += bytes.length;
    await this.handle.writeFile(bytes);
  }
}

/**
 * Replaces or creates a file as a whole; readers see the former file until then. Rejects with the file system's error
 * and leaves no draft.
 */
export async function replaceFile(folder: string, name: string, text: string, mode?: number): Promise<void> {
  const file = await UnfinishedFile.create(folder, name, mode);
  try {
    await file.append(text);
    await file.finish();
    await file.publish(folder);
  } finally {
    await file.discard();
  }
}
