import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** What a manifest says of a file. */
export interface FileFacts {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const SUFFIX = '.part';

/** Of a UTF-16 code unit in UTF-8. */
const MOST_BYTES_A_CHARACTER = 3;

/** True for a dot-file of ours, left by a process that was killed. */
export function isUnfinishedName(name: string): boolean {
  return name.startsWith('.') && name.endsWith(SUFFIX);
}

/** Of a file while it is made; `unique` keeps apart those of one name. */
export function unfinishedName(name: string, unique: string): string {
  return `.${name}.${unique}${SUFFIX}`;
}

/** Bytes are hashed and written in blocks of about this size, whatever pieces they come in. */
const BLOCK_BYTES = 128 * 1024;

/**
 * A file being written under a dot-name nobody else has; it gets its real name, and replaces what had it, once it
 * is whole and on disk. Rejects with what the file system says.
 */
export class UnfinishedFile {
  readonly name: string;
  private readonly path: string;
  private readonly handle: FileHandle;
  private readonly hash = createHash('sha256');
  /** Used again for each block: a new one for each is memory that only a full collection gives back. */
  private block: Buffer = Buffer.alloc(0);
  private filled = 0;
  private bytes = 0;

  private constructor(name: string, path: string, handle: FileHandle) {
    this.name = name;
    this.path = path;
    this.handle = handle;
  }

  /** `mode`: whatever the umask takes away; without it the file is for its owner alone. */
  static async create(folder: string, name: string, mode?: number): Promise<UnfinishedFile> {
    const path = join(folder, unfinishedName(name, randomBytes(4).toString('hex')));
    const file = new UnfinishedFile(name, path, await open(path, 'wx', mode ?? 0o600));
    if (mode !== undefined) await file.handle.chmod(mode);
    return file;
  }

  /** One call at a time, as for all that write. */
  async append(text: string): Promise<void> {
    this.makeRoom(text.length * MOST_BYTES_A_CHARACTER);
    this.filled += this.block.write(text, this.filled);
    await this.writeFullBlock();
  }

  /** The same for what is no text. */
  async appendBytes(bytes: Uint8Array): Promise<void> {
    this.take(bytes);
    await this.writeFullBlock();
  }

  /** Copies the bytes; they are written by the next `writeFullBlock`, or with what comes after them. */
  take(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.block.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  /** To be called after every few `take`, so that memory holds a block. */
  async writeFullBlock(): Promise<void> {
    if (this.filled >= BLOCK_BYTES) await this.write();
  }

  /** Nothing more is written; the bytes are on disk. */
  async finish(): Promise<FileFacts> {
    await this.write();
    await this.handle.sync();
    await this.handle.close();
    return { name: this.name, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }

  async publish(folder: string): Promise<void> {
    await rename(this.path, join(folder, this.name));
  }

  /** Leaves nothing behind, whatever state the file is in; harmless once it is published. */
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
 * Replaces a file by a whole one, or makes it: whoever reads it meanwhile sees the former one. Rejects with what the file
 * system says, and leaves no draft then.
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
