import { type BigIntStats, read } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import type { Words } from '../../domain/language.ts';
import { ListRefusedError } from '../list-errors.ts';
import { refuseDamaged, refuseWorkbook } from './xlsx-refusal.ts';

export interface XlsxFile {
  readonly path: string;
  /** Base name, for messages. */
  readonly name: string;
}

export type PartKind = 'sheet' | 'strings' | 'other';

/** An open zip file. Part names are compared without letter case, as the format requires. */
export interface XlsxArchive {
  /** Names in lower case, without folders. */
  readonly partNames: ReadonlySet<string>;
  /**
   * Yields a part's bytes at the reader's speed. Throws ListRefusedError for a part that is larger than `kind`
   * allows, or, at its end, for one whose bytes differ from those packed.
   */
  readPart(name: string, kind: PartKind): AsyncGenerator<Buffer>;
  /**
   * Returns whether the file at the path is still the one that was opened, with the same bytes as far as the system
   * knows.
   */
  isUnchanged(): Promise<boolean>;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const MAX_ENTRIES = 10_000;

/**
 * Largest unpacked size of each kind of part. A full sheet with two ids a row takes 186 MB, or 116 MB and 82 MB for
 * the texts it refers to.
 */
const maxPartBytes: Readonly<Record<PartKind, number>> = {
  sheet: 2048 * MIB,
  strings: 512 * MIB,
  other: 32 * MIB,
};

/**
 * Largest ratio of unpacked to packed size; no list has a larger one. Measured on sheets of 1,048,576 rows: 4 with
 * the ids in the sheet, 10 where it refers to them or has only formatted cells, 15 with one text repeated. A sheet of
 * blanks comes near deflate's maximum of 1,032.
 */
const MAX_RATIO = 200;
const RATIO_COUNTS_FROM = 50 * MIB;

const STORED = 0;
const DEFLATED = 8;

/** Opens a zip file. Throws ListRefusedError for one that can't be trusted, and closes the file before it throws. */
export async function openArchive(file: XlsxFile): Promise<XlsxArchive> {
  const handle = await open(file.path);
  try {
    const opened = await handle.stat({ bigint: true });
    const zip = await openZip(handle, Number(opened.size), file);
    const entries = await readEntries(zip, file);
    return {
      partNames: new Set(entries.keys()),
      readPart(name, kind) {
        const entry = entries.get(name.toLowerCase());
        if (entry === undefined)
          throw refuseDamaged(file.name, { en: 'a part of it is missing', ko: '일부가 없습니다' });
        return readEntry({ handle, zip, entry, file }, kind);
      },
      async isUnchanged() {
        const now = await stat(file.path, { bigint: true }).catch(() => null);
        return now !== null && isSameFile(opened, now);
      },
      async close() {
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Larger than the directory of a workbook and what stands behind it. */
const BLOCK_BYTES = 16 * 1024;

/**
 * Gives yauzl access to the zip directory without ever asking the system for a place outside the file. yauzl reads
 * each entry in two steps; a block of the file serves many of them.
 */
class DirectoryReader extends RandomAccessReader {
  private readonly handle: FileHandle;
  private readonly size: number;
  private block: Buffer = Buffer.alloc(0);
  private blockStart = 0;

  constructor(handle: FileHandle, size: number) {
    super();
    this.handle = handle;
    this.size = size;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    if (!(position >= 0 && position + length <= this.size)) {
      setImmediate(callback, new Error('outside the file'));
      return;
    }
    if (this.copyFromBlock(buffer, offset, length, position)) {
      setImmediate(callback, null);
      return;
    }
    const wanted = Math.min(Math.max(length, BLOCK_BYTES), this.size - position);
    read(this.handle.fd, Buffer.allocUnsafe(wanted), 0, wanted, position, (error, bytesRead, block) => {
      if (error !== null) return callback(error);
      this.block = block.subarray(0, bytesRead);
      this.blockStart = position;
      const isThere = this.copyFromBlock(buffer, offset, length, position);
      callback(isThere ? null : new Error('the file ends early'));
    });
  }

  private copyFromBlock(buffer: Buffer, offset: number, length: number, position: number): boolean {
    const start = position - this.blockStart;
    if (start < 0 || start + length > this.block.length) return false;
    this.block.copy(buffer, offset, start, start + length);
    return true;
  }
}

async function openZip(handle: FileHandle, size: number, file: XlsxFile): Promise<ZipFile> {
  try {
    return await fromRandomAccessReaderPromise(new DirectoryReader(handle, size), size, { autoClose: false });
  } catch (error) {
    throw asRefusal(error, file, {
      en: 'the zip file is incomplete, as after a download that broke off',
      ko: '내려받다 끊긴 것처럼 zip 파일이 온전하지 않습니다',
    });
  }
}

async function readEntries(zip: ZipFile, file: XlsxFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MAX_ENTRIES) {
    throw refuseWorkbook(file.name, {
      en: `it has ${zip.entryCount} parts, but no list has more than ${MAX_ENTRIES}`,
      ko: `부분이 ${zip.entryCount}개인데, ${MAX_ENTRIES}개를 넘는 목록은 없습니다`,
    });
  }
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.toLowerCase();
      if (name.endsWith('/')) continue;
      if (entries.has(name))
        throw refuseDamaged(file.name, {
          en: 'it contains one part twice',
          ko: '같은 부분이 두 번 있습니다',
        });
      entries.set(name, entry);
    }
  } catch (error) {
    throw asRefusal(error, file, {
      en: 'the directory of its parts cannot be read',
      ko: '부분 목록을 읽을 수 없습니다',
    });
  }
  return entries;
}

interface Packed {
  readonly handle: FileHandle;
  readonly zip: ZipFile;
  readonly entry: Entry;
  readonly file: XlsxFile;
}

async function* readEntry(packed: Packed, kind: PartKind): AsyncGenerator<Buffer> {
  const { entry, file } = packed;
  assertTrusted(entry, kind, file.name);
  let bytes = 0;
  let sum = 0;
  try {
    for await (const chunk of unpack(packed)) {
      bytes += chunk.length;
      if (bytes > entry.uncompressedSize) break;
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw asRefusal(error, file, {
      en: 'a part of it cannot be unpacked',
      ko: '일부의 압축을 풀 수 없습니다',
    });
  }
  if (bytes === entry.uncompressedSize && sum === entry.crc32) return;
  throw refuseDamaged(file.name, {
    en: 'a part of it does not have the bytes that were packed',
    ko: '일부의 내용이 압축할 때와 다릅니다',
  });
}

/** Refuses a part by the size the file states. Unpacking checks that no more comes out than stated. */
function assertTrusted(entry: Entry, kind: PartKind, file: string): void {
  const { compressedSize, uncompressedSize: size, compressionMethod } = entry;
  if (entry.isEncrypted()) {
    throw refuseWorkbook(
      file,
      { en: 'its zip file is protected with a password', ko: 'zip 파일에 암호가 걸려 있습니다' },
      { en: 'save it without a password', ko: '암호 없이 저장해 주십시오' },
    );
  }
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    throw refuseWorkbook(file, {
      en: 'it is packed in a way that Excel does not know',
      ko: '엑셀이 모르는 방식으로 압축되어 있습니다',
    });
  }
  if (size > maxPartBytes[kind]) {
    const most = toMib(maxPartBytes[kind]);
    const what = {
      en: `a part of it unpacks to ${toMib(size)} MiB, more than the ${most} MiB allowed`,
      ko: `일부를 풀면 ${toMib(size)} MiB로, 허용된 ${most} MiB를 넘습니다`,
    };
    throw refuseWorkbook(file, what, {
      en: 'split the list, or save it as "CSV UTF-8"',
      ko: '목록을 나누거나 "CSV UTF-8"로 저장해 주십시오',
    });
  }
  if (size > RATIO_COUNTS_FROM && size > MAX_RATIO * compressedSize) {
    const what = {
      en: `a part of it unpacks to ${toMib(size)} MiB, over ${MAX_RATIO} times its packed size, which no list does`,
      ko: `일부를 풀면 ${toMib(size)} MiB로 압축 크기의 ${MAX_RATIO}배를 넘는데, 그런 목록은 없습니다`,
    };
    throw refuseWorkbook(file, what, {
      en: 'delete the empty rows and columns around the list and save it again',
      ko: '목록 둘레의 빈 행과 열을 지우고 다시 저장해 주십시오',
    });
  }
}

async function* unpack({ handle, zip, entry }: Packed): AsyncGenerator<Buffer> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = readRange(handle, fileDataStart, entry.compressedSize);
  if (entry.compressionMethod === STORED) {
    yield* packed;
    return;
  }
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  // An earlier failure destroys `inflate` with its error, which the loop over it then throws.
  pipeline(packed, inflate, () => undefined);
  yield* inflate as AsyncIterable<Buffer>;
}

async function* readRange(handle: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
  for (let done = 0; done < length;) {
    const wanted = Math.min(CHUNK_BYTES, length - done);
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, start + done);
    if (bytesRead === 0) return;
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * Turns a failure into a refusal. An error of the system (`syscall`) stays as it is. The libraries' own messages are
 * dropped, because they may quote the content.
 */
function asRefusal(error: unknown, file: XlsxFile, what: Words): unknown {
  if (error instanceof ListRefusedError) return error;
  return error instanceof Error && 'syscall' in error ? error : refuseDamaged(file.name, what);
}

function isSameFile(before: BigIntStats, after: BigIntStats): boolean {
  return (['dev', 'ino', 'size', 'mtimeNs'] as const).every((key) => before[key] === after[key]);
}

function toMib(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
