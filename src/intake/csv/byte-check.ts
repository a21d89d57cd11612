import { isUtf8 } from 'node:buffer';
import type { Words } from '../../domain/language.ts';

/** The reason why bytes are not UTF-8 text; `offset` counts from the start of the file. */
export type ByteFault =
  | { readonly kind: 'not_text'; readonly looksLike: Words; readonly advice: Words }
  | { readonly kind: 'nul'; readonly offset: number }
  | { readonly kind: 'undecodable'; readonly offset: number; readonly byte: number };

interface Signature {
  readonly bytes: readonly number[];
  readonly looksLike: Words;
  readonly advice: Words;
}

const AS_CSV: Words = {
  en: 'open it and save it as "CSV UTF-8"',
  ko: '열어서 "CSV UTF-8"로 저장해 주십시오',
};
const EXPORT_AS_CSV: Words = {
  en: 'export the list as "CSV UTF-8"',
  ko: '목록을 "CSV UTF-8"로 내보내 주십시오',
};
const UTF_16: Words = {
  en: 'UTF-16 text (Excel\'s "Unicode Text")',
  ko: 'UTF-16 텍스트(엑셀의 "유니코드 텍스트")',
};

const PICTURE: Words = { en: 'a picture', ko: '사진이나 그림 파일' };

/** A longer signature stands before a shorter one it begins with: UTF-32 LE begins like UTF-16 LE. */
const signatures: readonly Signature[] = [
  { bytes: [0xff, 0xfe, 0, 0], looksLike: { en: 'UTF-32 text', ko: 'UTF-32 텍스트' }, advice: AS_CSV },
  { bytes: [0xff, 0xfe], looksLike: UTF_16, advice: AS_CSV },
  { bytes: [0xfe, 0xff], looksLike: UTF_16, advice: AS_CSV },
  {
    bytes: [0x50, 0x4b, 3, 4],
    looksLike: {
      en: 'an Excel workbook (.xlsx) or another zip file',
      ko: '엑셀 통합 문서(.xlsx)나 다른 zip 파일',
    },
    advice: AS_CSV,
  },
  {
    bytes: [0x50, 0x4b, 5, 6],
    looksLike: { en: 'an empty zip file', ko: '빈 zip 파일' },
    advice: {
      en: 'export the list again as "CSV UTF-8"',
      ko: '목록을 "CSV UTF-8"로 다시 내보내 주십시오',
    },
  },
  {
    bytes: [0xd0, 0xcf, 0x11, 0xe0],
    looksLike: {
      en: 'an old or encrypted Excel workbook',
      ko: '옛 형식이거나 암호화된 엑셀 통합 문서',
    },
    advice: AS_CSV,
  },
  { bytes: [0xff, 0xd8, 0xff], looksLike: PICTURE, advice: EXPORT_AS_CSV },
  { bytes: [0x89, 0x50, 0x4e, 0x47], looksLike: PICTURE, advice: EXPORT_AS_CSV },
  { bytes: [0x47, 0x49, 0x46, 0x38], looksLike: PICTURE, advice: EXPORT_AS_CSV },
  { bytes: [0x25, 0x50, 0x44, 0x46], looksLike: { en: 'a PDF', ko: 'PDF' }, advice: EXPORT_AS_CSV },
  {
    bytes: [0x1f, 0x8b],
    looksLike: { en: 'a gzip archive', ko: 'gzip 압축 파일' },
    advice: { en: 'unpack it first', ko: '먼저 압축을 풀어 주십시오' },
  },
];
/** Number of bytes at the start of a file that tell its kind. */
export const LONGEST_SIGNATURE = 4;

/**
 * Checks a file's bytes chunk by chunk: strict UTF-8, and no NUL, which no text file contains and Postgres text can't
 * hold. A chunk may end inside a character; `finish` judges the last one.
 */
export class ByteCheck {
  private head: Buffer = Buffer.alloc(0);
  private tail: Buffer = Buffer.alloc(0);
  private offset = 0;

  check(chunk: Buffer): ByteFault | null {
    const known = this.checkSignature(chunk);
    if (known !== null) return known;
    const nul = chunk.indexOf(0);
    const text = this.tail.length === 0 ? chunk : Buffer.concat([this.tail, chunk]);
    const start = this.offset - this.tail.length;
    const whole = text.length - cutCharacterLength(text);
    const isGood = isUtf8(text.subarray(0, whole));
    const wrong = isGood ? -1 : firstWrongByte(text);
    if (nul !== -1 && (wrong === -1 || this.offset + nul < start + wrong)) {
      return { kind: 'nul', offset: this.offset + nul };
    }
    if (wrong !== -1) return { kind: 'undecodable', offset: start + wrong, byte: text[wrong] ?? 0 };
    this.offset += chunk.length;
    // Copy the few bytes, because a view of them would keep the whole chunk in memory.
    this.tail = whole === text.length ? Buffer.alloc(0) : Buffer.from(text.subarray(whole));
    return null;
  }

  /** Returns the fault of a character that the end of the file cuts off. */
  finish(): ByteFault | null {
    if (this.tail.length === 0) return null;
    return { kind: 'undecodable', offset: this.offset - this.tail.length, byte: this.tail[0] ?? 0 };
  }

  private checkSignature(chunk: Buffer): ByteFault | null {
    if (this.head.length >= LONGEST_SIGNATURE) return null;
    this.head = Buffer.concat([this.head, chunk.subarray(0, LONGEST_SIGNATURE)]);
    return faultOfSignature(this.head);
  }
}

/** Tells from a file's first bytes whether it is a known kind of file that is not UTF-8 text. */
export function faultOfSignature(head: Buffer): ByteFault | null {
  const found = signatures.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  return found === undefined ? null : { kind: 'not_text', looksLike: found.looksLike, advice: found.advice };
}

/** Returns the length of the character that begins with `lead`; 1 where no character begins so. */
function characterLength(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  return 1;
}

/** Returns the number of bytes, 0 to 3, at the end that begin a character which the next chunk may complete. */
function cutCharacterLength(text: Buffer): number {
  for (let back = 1; back <= Math.min(3, text.length); back += 1) {
    const byte = text[text.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

function firstWrongByte(text: Buffer): number {
  let position = 0;
  while (position < text.length) {
    const length = characterLength(text[position] ?? 0);
    if (!isUtf8(text.subarray(position, position + length))) return position;
    position += length;
  }
  return position;
}
