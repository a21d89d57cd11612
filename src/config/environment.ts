import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { refused, valid, type Checked } from './checked.ts';
import { isDer } from './provider/key-material.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The environment, and below it the `.env` file of the working folder. */
export interface Environment {
  /** The sources of variables, strongest first. */
  readonly layers: readonly Variables[];
  /** Folder at which relative NAME_FILE paths start. */
  readonly cwd: string;
}

export async function openEnvironment(env: Variables, cwd: string): Promise<Checked<Environment>> {
  const content = await readText(path.join(cwd, '.env'));
  switch (content.kind) {
    case 'absent':
      return valid({ layers: [env], cwd });
    case 'unreadable':
      return refused(`.env can't be read (${content.reason})`);
    case 'text': {
      const text = content.text.replace(/\r\n?/g, '\n');
      const problems = faultyLines(text);
      return problems.length > 0 ? refused(...problems) : valid({ layers: [env, parseEnv(text)], cwd });
    }
  }
}

/**
 * Returns the value of a variable. An empty value counts as not set, but still hides the value of a weaker source.
 */
export function variableOf(environment: Environment, name: string): string | null {
  const value = environment.layers.map((layer) => layer[name]).find((found) => found !== undefined);
  return value === undefined || value === '' ? null : value;
}

/**
 * Reads a variable that may also be given as NAME_FILE; null where neither is set. The stronger source decides; both
 * in one source contradict each other. Line breaks at the end of the file are not part of the value. A DER file,
 * which is no text, is returned as base64.
 */
export async function secretOf(environment: Environment, name: string): Promise<Checked<string | null>> {
  for (const layer of environment.layers) {
    const value = layer[name];
    const file = layer[`${name}_FILE`];
    if (value && file) return refused(`${name} and ${name}_FILE are both set; unset one`);
    if (file) return readSecretFile(environment, name, file);
    if (value !== undefined) return valid(value === '' ? null : value);
  }
  return valid(null);
}

/** Names the place of the value that secretOf reads, for messages. */
export function placeOf(environment: Environment, name: string): string {
  const index = environment.layers.findIndex(
    (layer) => layer[name] !== undefined || layer[`${name}_FILE`] !== undefined,
  );
  const layer = layerName(index);
  const isFile = environment.layers[index]?.[name] === undefined;
  return isFile ? `the file that ${name}_FILE in ${layer} names` : `${name} in ${layer}`;
}

function layerName(index: number): string {
  return index > 0 ? '.env' : 'the environment';
}

async function readSecretFile(
  environment: Environment,
  name: string,
  file: string,
): Promise<Checked<string>> {
  const content = await readText(path.resolve(environment.cwd, file));
  if (content.kind === 'absent') return refused(`${name}_FILE: no such file`);
  if (content.kind === 'unreadable') return refused(`${name}_FILE can't be read (${content.reason})`);
  const value = content.text.replace(/[\r\n]+$/, '');
  return value === '' ? refused(`${name}_FILE: the file is empty`) : valid(value);
}

const NAME_AND_VALUE = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=[ \t]*(.*)$/;

/**
 * Finds faulty lines of a `.env`, without repeating their content. parseEnv silently skips a line that is no
 * NAME=value, and cuts an unquoted value at its first `#`, so a password would lose its end. The inner lines of a
 * quoted value, such as a key in PEM, do not count as lines.
 */
function faultyLines(content: string): readonly string[] {
  const problems: string[] = [];
  const lines = content.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, value = ''] = NAME_AND_VALUE.exec(line) ?? [];
    if (name === undefined) problems.push(`.env:${index + 1}: expected NAME=value`);
    else if (/^[^'"`#][^\s#]*#/.test(value)) {
      problems.push(`.env:${index + 1}: ${name}: a value with # in it must be written in quotes`);
    }
    index = endOfQuoted(lines, index, value);
  }
  return problems;
}

/**
 * Returns the index of the line on which a quoted value ends; its own line where it is not quoted or never closed.
 */
function endOfQuoted(lines: readonly string[], start: number, value: string): number {
  const quote = /^['"`]/.exec(value)?.[0];
  if (quote === undefined || value.includes(quote, 1)) return start;
  const end = lines.findIndex((line, index) => index > start && line.includes(quote));
  return end === -1 ? start : end;
}

type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads UTF-8, or UTF-16 with a byte order mark, as a Windows shell's `>` writes it. */
async function readText(file: string): Promise<FileText> {
  try {
    const bytes = await readFile(file);
    const text = isDer(bytes) ? bytes.toString('base64') : decode(bytes);
    return text.includes('\0')
      ? { kind: 'unreadable', reason: 'it is not UTF-8 text; save it as UTF-8' }
      : { kind: 'text', text };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return reason === 'ENOENT' ? { kind: 'absent' } : { kind: 'unreadable', reason };
  }
}

function decode(bytes: Buffer): string {
  const isBigEndian = bytes[0] === 0xfe && bytes[1] === 0xff;
  const isLittleEndian = bytes[0] === 0xff && bytes[1] === 0xfe;
  const encoding = isBigEndian ? 'utf-16be' : isLittleEndian ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
