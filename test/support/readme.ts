import { readFileSync } from 'node:fs';

/** A page of documentation as its tests take it apart. */
export interface Page {
  /** From the working folder: `README.md`, `docs/lists.md`. */
  readonly path: string;
  readonly text: string;
  /** Rows of the one table under a heading that has these columns; code marks are taken off. */
  table(heading: string, columns: readonly string[]): readonly (readonly string[])[];
  /** Fenced blocks whose line after the fence is `info`, such as `sh` or `yaml members.yaml`. */
  blocks(info: string): readonly string[];
}

export function readPage(path: string): Page {
  const text = readFileSync(path, 'utf8');
  return {
    path,
    text,
    table: (...asked) => tableOf(text, ...asked),
    blocks: (info) => blocksOf(text, info),
  };
}

function tableOf(text: string, heading: string, columns: readonly string[]): readonly (readonly string[])[] {
  const section = sectionOf(text, heading);
  const head = `| ${columns.join(' | ')} |`;
  const lines = section.slice(section.indexOf(head) + 2);
  const end = lines.findIndex((line) => !line.startsWith('|'));
  const rows = section.includes(head) ? lines.slice(0, end === -1 ? lines.length : end) : [];
  if (rows.length === 0) throw new Error(`no table ${head} under ${heading}`);
  return rows.map(cellsOf);
}

/** The lines under a heading, to the next heading of any level. */
function sectionOf(text: string, heading: string): readonly string[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start === -1) throw new Error(`no heading ${heading}`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line));
  return rest.slice(0, end === -1 ? rest.length : end);
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim().replaceAll('`', ''));
}

function blocksOf(text: string, info: string): readonly string[] {
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].flatMap(([, found, body]) =>
    found === info && body !== undefined ? [body] : [],
  );
}
