import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DoubleBuffer } from './double-buffer.ts';

/** What a manifest records about a file. */
export interface FileFacts {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const SUFFIX = '.part';

/** Returns whether a name is that of an unfinished file of ours, left by a killed process. */
export function isUnfinishedName(name: string): boolean {
  return name.startsWith('.') && name.endsWith(SUFFIX);
}

/** Returns the name of a file while it is made; `unique` separates several of one name. */
export function unfinishedName(name: string, unique: string): string {
  return `.${name}.${unique}${SUFFIX}`;
}

/** Bytes are hashed and written in blocks of about this size, whatever pieces they come in. */
const BLOCK_BYTES = 256 * 1024;

/**
 * A file that is written under a unique dot-name. Once it is whole and on disk, it gets its real name and replaces
 * any earlier file. Rejects with the file system's error.
 */
export class UnfinishedFile {
  readonly name: string;
  private readonly path: string;
  private readonly handle: FileHandle;
  private readonly hash = createHash('sha256');
  private readonly blocks = new DoubleBuffer(BLOCK_BYTES, async (block) => await this.write(block));
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
    this.blocks.takeText(text);
    await this.writeFullBlock();
  }

  /** Appends bytes in the same way. */
  async appendBytes(bytes: Uint8Array): Promise<void> {
    this.take(bytes);
    await this.writeFullBlock();
  }

  /** Copies the bytes, which are written by the next `writeFullBlock` or together with later ones. */
  take(bytes: Uint8Array): void {
    this.blocks.takeBytes(bytes);
  }

  /** Call it after every few `take`, so that no more than about a block is in memory. */
  async writeFullBlock(): Promise<void> {
    if (this.blocks.isFull) await this.blocks.pass();
  }

  /** Ends the file; all bytes are on disk afterwards. */
  async finish(): Promise<FileFacts> {
    await this.blocks.end();
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

  private async write(bytes: Buffer): Promise<void> {
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
