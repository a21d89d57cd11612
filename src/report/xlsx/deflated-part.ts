import { randomBytes } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { unfinishedName } from '../folder/unfinished-file.ts';

const deflate = promisify(deflateRaw);

/** Texts are compressed in blocks of about this size, so that only one block is in memory. */
const BLOCK_CHARACTERS = 256 * 1024;
/** Largest number of UTF-8 bytes for one UTF-16 code unit. */
const MOST_BYTES_A_CHARACTER = 3;
/** Takes half the time of the usual level 6, for a tenth more bytes. */
const LEVEL = 3;
/** An empty last block, which ends a stream whose blocks were all flushed. */
const END = Buffer.from([0x03, 0x00]);
const COPIED_AT_ONCE = 1024 * 1024;

export interface DeflatedFacts {
  readonly crc: number;
  readonly bytes: number;
  readonly compressedBytes: number;
}

/**
 * A compressed part of a zip file while it is made, in its own dot-file: the parts of a workbook grow side by side
 * and stand in it one after the other. The same texts give the same bytes.
 */
export class DeflatedPart {
  private readonly path: string;
  private readonly handle: FileHandle;
  /** The texts of the next block as bytes. Reused for each block, like the other buffers. */
  private block: Buffer = Buffer.alloc(0);
  private filled = 0;
  private characters = 0;
  private crc = 0;
  private bytes = 0;
  private compressedBytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
  }

  static async create(folder: string, name: string): Promise<DeflatedPart> {
    const path = join(folder, unfinishedName(name, randomBytes(4).toString('hex')));
    return new DeflatedPart(path, await open(path, 'wx+', 0o600));
  }

  /** Appends a text; call it once at a time. */
  async append(text: string): Promise<void> {
    const most = this.filled + text.length * MOST_BYTES_A_CHARACTER;
    if (most > this.block.length) this.grow(most);
    this.filled += this.block.write(text, this.filled);
    this.characters += text.length;
    if (this.characters >= BLOCK_CHARACTERS) await this.flush();
  }

  /** Ends the part; nothing can be appended afterwards. */
  async end(): Promise<DeflatedFacts> {
    await this.flush();
    await this.write(END);
    return { crc: this.crc, bytes: this.bytes, compressedBytes: this.compressedBytes };
  }

  /** Yields the compressed bytes of an ended part; each piece is reused for the next. */
  async *content(): AsyncGenerator<Buffer> {
    const buffer = Buffer.allocUnsafe(COPIED_AT_ONCE);
    for (let at = 0; at < this.compressedBytes;) {
      const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error('A part of a workbook is shorter than it was written.');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  /** Removes the dot-file, whatever state the part is in. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(this.path, { force: true }).catch(() => undefined);
  }

  private grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(bytes * 2);
    this.block.copy(larger, 0, 0, this.filled);
    this.block = larger;
  }

  private async flush(): Promise<void> {
    const block = this.block.subarray(0, this.filled);
    this.filled = 0;
    this.characters = 0;
    if (block.length === 0) return;
    this.crc = crc32(block, this.crc);
    this.bytes += block.length;
    await this.write(await deflate(block, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH }));
  }

  private async write(bytes: Buffer): Promise<void> {
    this.compressedBytes += bytes.length;
    await this.handle.writeFile(bytes);
  }
}
