import { crc32, deflateRawSync } from 'node:zlib';
import type { UnfinishedFile } from '../folder/unfinished-file.ts';
import type { DeflatedFacts } from './deflated-part.ts';

/** One file of the zip, compressed already. */
export interface ZipPart extends DeflatedFacts {
  readonly name: string;
  content(): AsyncIterable<Buffer> | Iterable<Buffer>;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL = 0x06054b50;
const VERSION = 20;
const NAMES_ARE_UTF8 = 0x0800;
const DEFLATED = 8;
/** Larger sizes need the format's 64-bit form, which older programs can't read. */
export const MOST_ZIP_BYTES = 0xffff_ffff;

/** Returns a text as a part, compressed in memory. */
export function textPart(name: string, text: string): ZipPart {
  const bytes = Buffer.from(text);
  const compressed = deflateRawSync(bytes);
  return {
    name,
    crc: crc32(bytes),
    bytes: bytes.length,
    compressedBytes: compressed.length,
    content: () => [compressed],
  };
}

/**
 * Writes a zip file whose parts all have the time `at`, in UTC, so that the same parts give the same bytes. Parts and
 * file must be smaller than MOST_ZIP_BYTES. We found no library that streams a workbook of several sheets.
 */
export async function writeZip(file: UnfinishedFile, parts: readonly ZipPart[], at: Date): Promise<void> {
  const records: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const common = describePart(part, at);
    const name = Buffer.from(part.name);
    const header = Buffer.concat([uint32(LOCAL_HEADER), uint16(VERSION), common, uint16(0), name]);
    records.push(centralRecord(common, name, offset));
    await file.appendBytes(header);
    for await (const piece of part.content()) await file.appendBytes(piece);
    offset += header.length + part.compressedBytes;
  }
  const central = Buffer.concat(records);
  await file.appendBytes(central);
  await file.appendBytes(endRecord(parts.length, central.length, offset));
}

/** Returns what both headers of a part share, from the flags to the length of its name. */
function describePart(part: ZipPart, at: Date): Buffer {
  return Buffer.concat([
    uint16(NAMES_ARE_UTF8),
    uint16(DEFLATED),
    uint16(dosTime(at)),
    uint16(dosDate(at)),
    uint32(part.crc),
    uint32(part.compressedBytes),
    uint32(part.bytes),
    uint16(Buffer.byteLength(part.name)),
  ]);
}

function centralRecord(common: Buffer, name: Buffer, offset: number): Buffer {
  const extraAndComment = Buffer.alloc(4);
  const diskAndAttributes = Buffer.alloc(8);
  return Buffer.concat([
    uint32(CENTRAL_HEADER),
    uint16(VERSION),
    uint16(VERSION),
    common,
    extraAndComment,
    diskAndAttributes,
    uint32(offset),
    name,
  ]);
}

function endRecord(count: number, centralBytes: number, offset: number): Buffer {
  const disks = Buffer.alloc(4);
  const noComment = uint16(0);
  return Buffer.concat([
    uint32(END_OF_CENTRAL),
    disks,
    uint16(count),
    uint16(count),
    uint32(centralBytes),
    uint32(offset),
    noComment,
  ]);
}

function dosTime(at: Date): number {
  return (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
}

/** Converts a time; the format knows none before 1980. */
function dosDate(at: Date): number {
  const years = Math.max(0, at.getUTCFullYear() - 1980);
  return (years << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
