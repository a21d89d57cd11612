import { readListFile } from '../list-file.ts';
import { startDecoding, type TextEncoding } from './text-decoding.ts';

const SAMPLES = 3;
/** Looked at for the three that tell most. */
const CANDIDATES = 30;
/** The first names of any list are within it; what has none so far is shown without a sample. */
const SEARCHED_BYTES = 1024 * 1024;
const SHOWN_CHARACTERS = 8;

/** The first different words that are not plain ASCII: what shows a person at a glance whether they are read right. */
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

/** Of one or two characters too little is left to be recognised. */
function longest(words: ReadonlySet<string>): readonly string[] {
  const isTelling = (word: string): boolean => word.length > 2;
  const inOrder = [...words];
  return [...inOrder.filter(isTelling), ...inOrder.filter((word) => !isTelling(word))].slice(0, SAMPLES);
}

/** A word may be a name: its first and its last character are shown, of two only the first. */
function maskWord(word: string): string {
  const characters = Array.from(word.normalize('NFC'));
  const [first = ''] = characters;
  if (characters.length < 2) return first;
  if (characters.length === 2) return `${first}*`;
  const hidden = Math.min(characters.length, SHOWN_CHARACTERS) - 2;
  return `${first}${'*'.repeat(hidden)}${characters.at(-1) ?? ''}`;
}
