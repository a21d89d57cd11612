import stringWidth from 'string-width';
import { SCREEN_COLUMNS } from '../../src/cli/terminal/flowing-line.ts';

/** How much further a sentence goes on; its first line leaves as much free. */
const HANGING = 2;

/** What `explain` begins a line with, also where the one above ends near the screen's edge. */
const OWN_LINE = /^ *(?:now|calls|next|rule|it wrote): /;

/**
 * A screen with each sentence on one line again that `flowText` broke: a line goes on in the next where that one stands
 * two blanks further in, and its first word had no room any more.
 */
export function joinFlowed(screen: string): string {
  const sentences: { text: string; indent: number; lastLine: string; isFirst: boolean }[] = [];
  for (const line of screen.split('\n')) {
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    // A name in quotes is one word, and so is the beginning of one that is longer than a line.
    const firstWord = /^(?:"[^"]*(?:"|$)|[^\s"])+/.exec(line.trimStart())?.[0] ?? '';
    const last = sentences.at(-1);
    const goesOn =
      last !== undefined &&
      firstWord !== '' &&
      indent === last.indent + HANGING &&
      !OWN_LINE.test(line) &&
      stringWidth(`${last.lastLine} ${firstWord}`) > SCREEN_COLUMNS - (last.isFirst ? HANGING : 0);
    if (goesOn) {
      last.text += ` ${line.trimStart()}`;
      last.lastLine = line;
      last.isFirst = false;
    } else sentences.push({ text: line, indent, lastLine: line, isFirst: true });
  }
  return sentences.map(({ text }) => text).join('\n');
}
