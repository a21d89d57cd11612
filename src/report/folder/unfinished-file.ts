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

/** True for a dot-file of ours, left by a process that was killed. */
export function isUnfinishedName(name: string): boolean {
  return name.startsWith('.') && name.endsWith(SUFFIX);
}

/** Of a file while it is made; `unique` keeps apart those of one name. */
export function unfinishedName(name: string, unique: string): string {
  return `.${name}.${unique}${SUFFIX}`;
}

/**
 * A file being written under a dot-name nobody else has; it gets its real name, and replaces what had it, once it
 * is whole and on disk. Rejects with what the file system says.
 */
export class UnfinishedFile {
  readonly name: string;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  /** Used again for each text: a new one for each is memory that only a full collection gives back. */
  #buffer = Buffer.alloc(0);
  #bytes = 0;

  private constructor(name: string, path: string, handle: FileHandle) {
    this.name = name;
    this.#path = path;
    this.#handle = handle;
  }

  static async create(folder: string, name: string): Promise<UnfinishedFile> {
    const path = join(folder, unfinishedName(name, randomBytes(4).toString('hex')));
    return new UnfinishedFile(name, path, await open(path, 'wx', 0o600));
  }

  /** One call at a time. */
  async append(text: string): Promise<void> {
    if (text === '') return;
    const size = Buffer.byteLength(text);
    if (size > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(size * 2);
    this.#buffer.write(text);
    await this.appendBytes(this.#buffer.subarray(0, size));
  }

  /** The same for what is no text. */
  async appendBytes(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await this.#handle.writeFile(bytes);
  }

  /** Nothing more is written; the bytes are on disk. */
  async finish(): Promise<FileFacts> {
    await this.#handle.sync();
    await this.#handle.close();
    return { name: this.name, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async publish(folder: string): Promise<void> {
    await rename(this.#path, join(folder, this.name));
  }

  /** Leaves nothing behind, whatever state the file is in; harmless once it is published. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#path, { force: true }).catch(() => undefined);
  }
}
