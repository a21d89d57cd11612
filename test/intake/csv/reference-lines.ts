export interface ReferenceRow {
  readonly line: number;
  readonly text: string;
}

/** Another way to the rows of a CSV text, a character at a time and without a parser: text and start line. */
export function referenceRows(content: string): ReferenceRow[] {
  const rows: ReferenceRow[] = [];
  let line = 1;
  let start = { line, text: '' };
  let quoted = false;
  for (let i = 0; i < content.length; i += 1) {
    const character = content[i] ?? '';
    if (character === '"') quoted = !quoted;
    const isBreak = character === '\n' || (character === '\r' && content[i + 1] !== '\n');
    if (isBreak) line += 1;
    if (isBreak && !quoted) {
      rows.push(start);
      start = { line, text: '' };
    } else if (quoted || character !== '\r' || content[i + 1] !== '\n') {
      start.text += character;
    }
  }
  return start.text === '' ? rows : [...rows, start];
}
