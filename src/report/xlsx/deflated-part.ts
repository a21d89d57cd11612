import { randomBytes } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, createDeflateRaw } from 'node:zlib';
import { DoubleBuffer } from '../folder/double-buffer.ts';
import { unfinishedName } from '../folder/unfinished-file.ts';

/** Texts are compressed in blocks of about this size, so that only two blocks are in memory. */
const BLOCK_BYTES = 128 * 1024;
const PIECE_BYTES = 64 * 1024;
/** Takes half the time of the usual level 6, for a tenth more bytes. */
const LEVEL = 3;
const COPIED_AT_ONCE = 128 * 1024;

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
  private readonly deflater = createDeflateRaw({ level: LEVEL, chunkSize: PIECE_BYTES });
  private readonly written: Promise<void>;
  private readonly blocks = new DoubleBuffer(BLOCK_BYTES, async (block) => await this.deflate(block));
  private crc = 0;
  private bytes = 0;
  private compressedBytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
    this.written = this.writePieces();
    // Whoever appends next is told; until then nobody may be listening.
    this.written.catch(() => undefined);
  }

  static async create(folder: string, name: string): Promise<DeflatedPart> {
    const path = join(folder, unfinishedName(name, randomBytes(4).toString('hex')));
    return new DeflatedPart(path, await open(path, 'wx+', 0o600));
  }

  /** Appends a text. Like all writing methods, call it once at a time. */
  async append(text: string): Promise<void> {
    this.take(text);
    if (this.hasFullBlock) await this.passBlock();
  }

  /** Copies a text, which is compressed with the block that it is part of. */
  take(text: string): void {
    this.blocks.takeText(text);
  }

  /** Look at it after each `take`: the same texts give the same blocks and so the same bytes. */
  get hasFullBlock(): boolean {
    return this.blocks.isFull;
  }

  async passBlock(): Promise<void> {
    await this.blocks.pass();
  }

  /** Ends the part; nothing can be appended afterwards. */
  async end(): Promise<DeflatedFacts> {
    await this.blocks.end();
    this.deflater.end();
    await this.written;
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
    this.deflater.destroy();
    await this.handle.close().catch(() => undefined);
    await rm(this.path, { force: true }).catch(() => undefined);
  }

  /** Resolves once the block may be used again. Rejects with what the writing of the file failed with. */
  private async deflate(block: Buffer): Promise<void> {
    this.crc = crc32(block, this.crc);
    this.bytes += block.length;
    const failure = await new Promise<Error | null | undefined>((resolve) => {
      this.deflater.write(block, resolve);
    });
    if (failure === null || failure === undefined) return;
    await this.written;
    throw failure;
  }

  private async writePieces(): Promise<void> {
    for await (const piece of this.deflater as AsyncIterable<Buffer>) {
      this.compressedBytes += piece.length;
      await this.handle.writeFile(piece);
    }
  }
}
