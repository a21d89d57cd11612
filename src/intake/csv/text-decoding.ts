import iconv from 'iconv-lite';
import { ByteCheck, type ByteFault } from './byte-check.ts';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'cp949' | 'latin-1';

/** A chunk as UTF-8 with whole characters only, or the first byte that can't be decoded. */
export type DecodedChunk =
  { readonly kind: 'text'; readonly bytes: Buffer } | { readonly kind: 'fault'; readonly fault: ByteFault };

/** Decodes a file chunk by chunk, strictly. A chunk may end inside a character. */
export interface TextDecoding {
  decode(chunk: Buffer): DecodedChunk;
  /** Returns the fault of a character that the end of the file cuts off. */
  finish(): ByteFault | null;
}

export function startDecoding(encoding: TextEncoding): TextDecoding {
  switch (encoding) {
    case 'utf-8':
      return decodeUtf8();
    case 'latin-1':
      // latin-1 is read as Windows-1252, as every program does. Every byte is a character and none is a fault.
      return new WholeCharacters(
        () => 0,
        (bytes) => LATIN_1.decode(bytes),
        () => -1,
      );
    case 'cp949':
      return new WholeCharacters(cutCp949, decodeCp949, cp949Fault);
    case 'utf-16le':
      return new WholeCharacters(cutUtf16(1), (bytes) => bytes.toString('utf16le'), utf16Fault);
    case 'utf-16be':
      return new WholeCharacters(
        cutUtf16(0),
        (bytes) => Buffer.from(bytes).swap16().toString('utf16le'),
        utf16Fault,
      );
  }
}

/** Passes UTF-8 on as it is: csv-parse reads it and drops its byte order mark. */
function decodeUtf8(): TextDecoding {
  const check = new ByteCheck();
  return {
    decode: (chunk) => {
      const fault = check.check(chunk);
      return fault === null ? { kind: 'text', bytes: chunk } : { kind: 'fault', fault };
    },
    finish: () => check.finish(),
  };
}

const LATIN_1 = new TextDecoder('windows-1252');

class WholeCharacters implements TextDecoding {
  /** Returns the number of bytes at the end that begin an incomplete character. */
  private readonly cut: (bytes: Buffer) => number;
  private readonly decodeBytes: (bytes: Buffer) => string;
  /** Returns the position of the first byte that can't be decoded; -1 where there is none. */
  private readonly findFault: (bytes: Buffer, text: string) => number;
  private rest: Buffer = Buffer.alloc(0);
  /** Place in the file of the first byte of `rest`. */
  private offset = 0;

  constructor(
    cut: (bytes: Buffer) => number,
    decode: (bytes: Buffer) => string,
    findFault: (bytes: Buffer, text: string) => number,
  ) {
    this.cut = cut;
    this.decodeBytes = decode;
    this.findFault = findFault;
  }

  decode(chunk: Buffer): DecodedChunk {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const whole = bytes.subarray(0, bytes.length - this.cut(bytes));
    const text = this.decodeBytes(whole);
    const wrong = this.findFault(whole, text);
    const nul = text.indexOf('\0');
    if (nul !== -1 && (wrong === -1 || nul < text.indexOf('\ufffd'))) {
      const before = this.lengthOf(whole, text, nul);
      return { kind: 'fault', fault: { kind: 'nul', offset: this.offset + before } };
    }
    if (wrong !== -1) return { kind: 'fault', fault: this.undecodable(wrong, whole[wrong] ?? 0) };
    const isStart = this.offset === 0;
    this.rest = Buffer.from(bytes.subarray(whole.length));
    this.offset += whole.length;
    return { kind: 'text', bytes: Buffer.from(isStart ? withoutMark(text) : text) };
  }

  finish(): ByteFault | null {
    return this.rest.length === 0 ? null : this.undecodable(0, this.rest[0] ?? 0);
  }

  private undecodable(index: number, byte: number): ByteFault {
    return { kind: 'undecodable', offset: this.offset + index, byte };
  }

  /** Returns the number of bytes before character `end`. It may be slow, because only a refusal needs it. */
  private lengthOf(bytes: Buffer, text: string, end: number): number {
    for (let length = 0; length <= bytes.length; length += 1) {
      if (this.cut(bytes.subarray(0, length)) > 0) continue;
      if (this.decodeBytes(bytes.subarray(0, length)).length >= end) return length;
    }
    return text.length;
  }
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/**
 * Decodes with iconv-lite, which knows all 11,172 syllables; the platform's own decoder does not. It never throws:
 * invalid bytes become U+FFFD or a C1 control character.
 */
function decodeCp949(bytes: Buffer): string {
  return iconv.decode(bytes, 'cp949', { stripBOM: false });
}

const NO_CP949 = /[\ufffd\u0080-\u009f]/;

/**
 * Finds an incomplete character: every byte below 0x80 ends a character, and the bytes after the last of them form
 * pairs.
 */
function cutCp949(bytes: Buffer): number {
  let high = 0;
  while (high < bytes.length && (bytes[bytes.length - 1 - high] ?? 0) >= 0x80) high += 1;
  return high % 2;
}

function cp949Fault(bytes: Buffer, text: string): number {
  if (!NO_CP949.test(text)) return -1;
  let index = 0;
  while (index < bytes.length) {
    const length = (bytes[index] ?? 0) < 0x80 ? 1 : 2;
    if (NO_CP949.test(decodeCp949(bytes.subarray(index, index + length)))) return index;
    index += length;
  }
  return -1;
}

/** `high`: which of a unit's two bytes is the upper one. */
function cutUtf16(high: 0 | 1): (bytes: Buffer) => number {
  return (bytes) => {
    const odd = bytes.length % 2;
    const upper = bytes[bytes.length - odd - 2 + high] ?? 0;
    return upper >= 0xd8 && upper <= 0xdb ? odd + 2 : odd;
  };
}

/** Finds a surrogate without its other half. */
function utf16Fault(_bytes: Buffer, text: string): number {
  if (text.isWellFormed()) return -1;
  let units = 0;
  for (const character of text) {
    if (!character.isWellFormed()) return units * 2;
    units += character.length;
  }
  return -1;
}

/** Returns the bytes of a text that was decoded from CP949. */
export function encodeCp949(text: string): Buffer {
  return iconv.encode(text, 'cp949');
}
