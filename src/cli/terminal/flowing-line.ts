import stringWidth from 'string-width';
import { RUN_ID } from '../../domain/identity/run-id.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';

/** Usual width of a terminal, a mail or a runbook page. */
export const SCREEN_COLUMNS = 80;

const BETWEEN = ' · ';

/**
 * Joins parts with ` · ` on as many lines as necessary. A part longer than a line is broken, at a blank if it has
 * one, and never cut.
 */
export function flowParts(parts: readonly string[], indent: string): string {
  return flow(
    parts.map((part) => cleanUntrustedText(part)).filter((part) => part !== ''),
    BETWEEN,
    indent,
  );
}

/** Matches a word with its whole quoted text: a name from outside must not begin a line. */
const WORD = /(?:"[^"]*"|[^\s"]|"(?=[^"]*$))+/g;

/** Breaks a sentence at its blanks. `hanging`: additional indent of its lines after the first. */
export function flowWords(sentence: string, indent = '', hanging = ''): string {
  const words = cleanUntrustedText(sentence).match(WORD) ?? [''];
  if (hanging === '') return flow(words, ' ', indent);
  const [first = '', ...others] = flow(words, ' ', indent + hanging).split(/(?<=\n)/);
  return [indent + first.slice(indent.length + hanging.length), ...others].join('');
}

/** Breaks each line of a text like `flowWords`, with its own indent, and two more blanks after its first line. */
export function flowText(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return lines.map((line) => flowWords(line, /^ */.exec(line)?.[0] ?? '', '  ')).join('');
}

function flow(pieces: readonly string[], between: string, indent: string): string {
  const lines = linesOf(pieces, between, SCREEN_COLUMNS - stringWidth(indent));
  return lines.map((one) => `${indent}${one}\n`).join('');
}

function linesOf(pieces: readonly string[], between: string, columns: number): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const piece of pieces) {
    const longer: string = line === null ? piece : line + between + piece;
    if (stringWidth(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== null) lines.push(line);
    const broken = breakPiece(piece, columns);
    lines.push(...broken.slice(0, -1));
    line = broken.at(-1) ?? null;
  }
  if (line !== null) lines.push(line);
  return lines;
}

function breakPiece(piece: string, columns: number): string[] {
  // A run's id is copied whole into the next command, so it is never broken, even where it is longer than the line.
  if (stringWidth(piece) <= columns || RUN_ID.test(piece.replace(/\W$/, ''))) return [piece];
  const words = piece.match(WORD) ?? [''];
  return words.length === 1 ? breakAnywhere(piece, columns) : linesOf(words, ' ', columns);
}

/** Breaks a text anywhere, but never within a character of several code points; Hangul is two columns wide. */
function breakAnywhere(text: string, columns: number): string[] {
  if (stringWidth(text) <= columns) return [text];
  // Created only here, because that takes longer than most commands that do not need it.
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
