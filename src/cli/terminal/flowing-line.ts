import stringWidth from 'string-width';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';

/** As wide as a terminal is that nobody has made wider, a mail or a page of a runbook. */
export const SCREEN_COLUMNS = 80;

const BETWEEN = ' · ';

/** Parts with ` · ` between them, on as many lines as they need; one that is longer than a line is broken, never cut. */
export function flowParts(parts: readonly string[], indent: string): string {
  return flow(
    parts.map((part) => cleanUntrustedText(part)).filter((part) => part !== ''),
    BETWEEN,
    indent,
  );
}

/** A sentence, broken at its blanks. */
export function flowWords(sentence: string, indent = ''): string {
  return flow(cleanUntrustedText(sentence).split(/ +/), ' ', indent);
}

function flow(pieces: readonly string[], between: string, indent: string): string {
  const columns = SCREEN_COLUMNS - stringWidth(indent);
  const lines: string[] = [];
  let line: string | null = null;
  for (const piece of pieces) {
    const longer: string = line === null ? piece : line + between + piece;
    if (stringWidth(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== null) lines.push(line);
    const broken = breakAnywhere(piece, columns);
    lines.push(...broken.slice(0, -1));
    line = broken.at(-1) ?? null;
  }
  if (line !== null) lines.push(line);
  return lines.map((one) => `${indent}${one}\n`).join('');
}

/** Hangul is two columns wide, and no character of several code points is torn. */
function breakAnywhere(text: string, columns: number): string[] {
  if (stringWidth(text) <= columns) return [text];
  // Made here, since it takes longer than most commands that need none.
  const graphemes = new Intl.Segmenter('ko', { granularity: 'grapheme' });
  const lines: string[] = [];
  let line = '';
  for (const { segment } of graphemes.segment(text)) {
    if (line !== '' && stringWidth(line + segment) > columns) {
      lines.push(line);
      line = '';
    }
    line += segment;
  }
  return [...lines, line];
}
