import { readListFile } from '../list-file.ts';
import { startDecoding, type TextEncoding } from './text-decoding.ts';

const SAMPLES = 3;
/** Number of words from which the three most telling are chosen. */
const CANDIDATES = 30;
/**
 * Bytes searched for words, where the first names of any list stand. A list without names there is shown without
 * samples.
 */
const SEARCHED_BYTES = 1024 * 1024;
const SHOWN_CHARACTERS = 8;

/**
 * Returns the first distinct words that are not plain ASCII: a person sees at a glance whether they are read
 * correctly.
 */
export async function sampleWords(path: string, encoding: TextEncoding): Promise<readonly string[]> {
  const decoding = startDecoding(encoding);
  const words = new Set<string>();
  let rest = '';
  for await (const chunk of readListFile(path, SEARCHED_BYTES)) {
    const decoded = decoding.decode(chunk);
    if (decoded.kind === 'fault') break;
    const text = rest + decoded.bytes.toString();
    for (const [word] of text.matchAll(/[\p{L}\p{M}]+/gu)) {
      if (/^[A-Za-z]+$/.test(word)) continue;
      words.add(maskWord(word));
      if (words.size === CANDIDATES) return longest(words);
    }
    rest = /[\p{L}\p{M}]{0,64}$/u.exec(text)?.[0] ?? '';
  }
  return longest(words);
}

/** Returns the longest words, because masking leaves too little of a word of one or two characters. */
function longest(words: ReadonlySet<string>): readonly string[] {
  const isTelling = (word: string): boolean => word.length > 2;
  const inOrder = [...words];
  return [...inOrder.filter(isTelling), ...inOrder.filter((word) => !isTelling(word))].slice(0, SAMPLES);
}

/** Masks a word that may be a name: shows its first and last character, or only the first of two. */
function maskWord(word: string): string {
  const characters = Array.from(word.normalize('NFC'));
  const [first = ''] = characters;
  if (characters.length < 2) return first;
  if (characters.length === 2) return `${first}*`;
  const hidden = Math.min(characters.length, SHOWN_CHARACTERS) - 2;
  return `${first}${'*'.repeat(hidden)}${characters.at(-1) ?? ''}`;
}
