import { isAscii, isUtf8 } from 'node:buffer';
import { faultOfSignature, LONGEST_SIGNATURE } from './byte-check.ts';
import { readHead, readListFile } from '../list-file.ts';
import { sampleWords } from './encoding-samples.ts';
import { encodeCp949, startDecoding, type TextEncoding } from './text-decoding.ts';

export interface EncodingChoice {
  readonly encoding: TextEncoding;
  /** Why: given by a person; a byte order mark; no other characters than ASCII; strict UTF-8; CP949, as it is no UTF-8;
   * CP949, as UTF-8 would be an accident. */
  readonly how: 'given' | 'mark' | 'ascii' | 'utf-8' | 'cp949' | 'accident';
  /** Up to three words as they are read, all but their ends masked: they may be names. */
  readonly samples: readonly string[];
}

/**
 * How a file's bytes are to be read: by its mark, else as UTF-8 if it is, else as CP949. Reads the whole file, since
 * the first name may stand in its last row. Never refuses: what fits no encoding is refused where it is read, with its place.
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
  // No text at all: to be refused by what it is, and the reader of UTF-8 knows that.
  if (facts.hasNul || faultOfSignature(head) !== null) return { encoding: 'utf-8', how: 'utf-8' };
  if (facts.wrong > 0) {
    // More Hangul than faults, or far more of other scripts: a damaged UTF-8 file, and its fault is what its owner must
    // hear of. In CP949 every syllable but one in two is a fault, and three bytes are such a character by accident.
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
  /** Characters of Hangul; no more are counted once there is no doubt. */
  readonly hangul: number;
  /** Characters of three bytes or more, such as Hangul, Hanja and Kana; no more are counted once there is no doubt. */
  readonly wide: number;
  /** About how many places are no UTF-8; 0: none is. */
  readonly wrong: number;
}

const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/g;
const WIDE = /[\u0800-\ufffc\u{10000}-\u{10ffff}]/gu;
const WIDE_A_FAULT = 10;
const BEYOND_DOUBT = 10_000;

async function readUtf8Facts(path: string): Promise<Utf8Facts> {
  const decoding = startDecoding('utf-8');
  let isGood = true;
  const facts = { isAscii: true, hasNul: false, hangul: 0, wide: 0, wrong: 0 };
  for await (const chunk of readListFile(path)) {
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
 * Syllables from 짜 on are two bytes that also are a Latin letter in UTF-8. A Korean word of those reads there as a row
 * of accented letters, or as one that hardly any language has, and beside it stands no plain letter, as it would in é.
 */
async function isUtf8ByAccident(path: string): Promise<boolean> {
  const decoding = startDecoding('cp949');
  let previous = '';
  let isAccident = false;
  for await (const chunk of readListFile(path)) {
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
