import { isAscii, isUtf8 } from 'node:buffer';
import { faultOfSignature, LONGEST_SIGNATURE } from './byte-check.ts';
import type { EncodingReason } from '../list-format.ts';
import { readHead, scanListFile } from '../list-file.ts';
import { sampleWords } from './encoding-samples.ts';
import { encodeCp949, startDecoding, type TextEncoding } from './text-decoding.ts';

export interface EncodingChoice {
  readonly encoding: TextEncoding;
  readonly how: EncodingReason;
  /** Up to three words as they are read, with all but their ends masked, because they may be names. */
  readonly samples: readonly string[];
}

/**
 * Chooses the encoding of a file: by its byte order mark, else UTF-8 if it is valid, else CP949. It reads the whole
 * file, because the first name may stand in the last row. It never refuses: bytes that fit no encoding are refused
 * where they are read, with their place.
 */
export async function judgeEncoding(path: string, given: TextEncoding | 'auto'): Promise<EncodingChoice> {
  const decided = given === 'auto' ? await decide(path) : ({ encoding: given, how: 'given' } as const);
  return { ...decided, samples: await sampleWords(path, decided.encoding) };
}

type Decision = Omit<EncodingChoice, 'samples'>;

async function decide(path: string): Promise<Decision> {
  const head = await readHead(path, LONGEST_SIGNATURE);
  const mark = markOf(head);
  if (mark !== null) return { encoding: mark, how: 'mark' };
  const facts = await readUtf8Facts(path);
  // The file is not text. The UTF-8 reader recognises and refuses it.
  if (facts.hasNul || faultOfSignature(head) !== null) return { encoding: 'utf-8', how: 'utf-8' };
  if (facts.wrong > 0) {
    // More Hangul than faults, or far more characters of other scripts, means a damaged UTF-8 file, and its owner
    // must hear of the fault. In CP949 every syllable or every second one is a fault, and three bytes form such a
    // character only by accident.
    return facts.hangul > facts.wrong || facts.wide > facts.wrong * WIDE_A_FAULT
      ? { encoding: 'utf-8', how: 'utf-8' }
      : { encoding: 'cp949', how: 'cp949' };
  }
  if (facts.isAscii) return { encoding: 'utf-8', how: 'ascii' };
  if (facts.hangul === 0 && (await isUtf8ByAccident(path))) return { encoding: 'cp949', how: 'accident' };
  return { encoding: 'utf-8', how: 'utf-8' };
}

function markOf(head: Buffer): TextEncoding | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const isUtf32 = head.length === LONGEST_SIGNATURE && head[2] === 0 && head[3] === 0;
  return head[0] === 0xff && head[1] === 0xfe && !isUtf32 ? 'utf-16le' : null;
}

interface Utf8Facts {
  readonly isAscii: boolean;
  readonly hasNul: boolean;
  /** Number of Hangul characters; counting stops once there is no doubt. */
  readonly hangul: number;
  /**
   * Number of characters of three or more bytes, such as Hangul, Hanja and Kana; counting stops once there is no
   * doubt.
   */
  readonly wide: number;
  /** Approximate number of places that are not UTF-8; 0 means none. */
  readonly wrong: number;
}

const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/g;
/** Of a character beyond U+FFFF its first half counts; with the flag `u` the search takes five times as long. */
const WIDE = /[\u0800-\udbff\ue000-\ufffc]/g;
const WIDE_A_FAULT = 10;
const BEYOND_DOUBT = 10_000;

async function readUtf8Facts(path: string): Promise<Utf8Facts> {
  const decoding = startDecoding('utf-8');
  let isGood = true;
  const facts = { isAscii: true, hasNul: false, hangul: 0, wide: 0, wrong: 0 };
  for await (const chunk of scanListFile(path)) {
    facts.hasNul ||= chunk.includes(0);
    facts.isAscii &&= isAscii(chunk);
    if (facts.isAscii || facts.hasNul) continue;
    isGood &&= decoding.decode(chunk).kind === 'text';
    if (isGood && facts.hangul > BEYOND_DOUBT) continue;
    const text = chunk.toString();
    facts.hangul += text.match(HANGUL)?.length ?? 0;
    facts.wide += text.match(WIDE)?.length ?? 0;
    facts.wrong += text.match(/\ufffd/g)?.length ?? 0;
  }
  isGood &&= decoding.finish() === null;
  return { ...facts, wrong: isGood ? 0 : Math.max(1, facts.wrong) };
}

/**
 * Returns whether CP949 text happens to be valid UTF-8. Syllables from 짜 on are two bytes that also form a Latin
 * letter in UTF-8. Read that way, a Korean word becomes a sequence of accented letters, or a letter that hardly any
 * language has, and no plain letter stands beside it, as one would beside é.
 */
async function isUtf8ByAccident(path: string): Promise<boolean> {
  const decoding = startDecoding('cp949');
  let previous = '';
  let isAccident = false;
  for await (const chunk of scanListFile(path)) {
    const decoded = decoding.decode(chunk);
    if (decoded.kind === 'fault') return false;
    const text = previous + decoded.bytes.toString();
    isAccident ||= hasKoreanWord(text);
    previous = text.slice(-LONGEST_WORD);
  }
  return decoding.finish() === null && isAccident;
}

const LONGEST_WORD = 64;

function hasKoreanWord(text: string): boolean {
  for (const [word] of text.matchAll(
    /(?<![A-Za-z\uac00-\ud7a3])[\uac00-\ud7a3]+(?![A-Za-z\uac00-\ud7a3])/g,
  )) {
    const asUtf8 = encodeCp949(word);
    if (isUtf8(asUtf8) && isUnlikely(asUtf8.toString())) return true;
  }
  return false;
}

function isUnlikely(latin: string): boolean {
  const letters = Array.from(latin);
  const areLetters = letters.every((letter) => /\p{L}/u.test(letter));
  return areLetters && (letters.length > 1 || (letters[0] ?? '') >= '\u0180');
}
