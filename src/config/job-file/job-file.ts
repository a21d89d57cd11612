import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Language } from '../../domain/language.ts';
import { refused, valid, type Checked } from '../checked.ts';
import type { Environment } from '../environment.ts';
import { knownKeysAt } from './job-file-json-schema.ts';
import { jobFileSchema, type JobFile } from './job-file-schema.ts';
import { nearestKey } from './nearest-key.ts';
import { formatPath, schemaProblems, type SchemaProblem } from './schema-problems.ts';
import {
  sourceOfValue,
  substituteVariables,
  withVariableFiles,
  type SubstitutionProblem,
} from './variable-substitution.ts';
import type { YamlText } from './yaml-text.ts';

const LARGEST_JOB_FILE_BYTES = 1024 * 1024;

export function isJobFileName(target: string): boolean {
  return /\.ya?ml$/i.test(target);
}

/** A job file with its defaults, and those parts where it matters whether a person wrote them. */
export interface WrittenJobFile extends JobFile {
  /** `report.language` as the file has it; null where it is left out. */
  readonly writtenLanguage: Language | null;
  /** Names the setting the URL of a Postgres list comes from, for messages; empty for another list. */
  readonly listUrlFrom: string;
}

/** Reads and checks a job file; each problem starts with `file:line:column`. */
export async function readJobFile(
  fileName: string,
  environment: Environment,
): Promise<Checked<WrittenJobFile>> {
  const text = await readJobFileText(fileName, environment.cwd);
  return text.kind === 'refused' ? text : await checkJobFileText(text.value, fileName, environment);
}

/** Checks a text as `readJobFile` does, although it may not be in the file yet. */
export async function checkJobFileText(
  text: string,
  fileName: string,
  environment: Environment,
): Promise<Checked<WrittenJobFile>> {
  // Loaded only here: commands that only read the ledger need no job file and start a fifth faster without this.
  const { parseYamlText } = await import('./yaml-text.ts');
  const yaml = parseYamlText(text, fileName);
  if (yaml.kind === 'refused') return yaml;
  const whole = await withVariableFiles(yaml.value.value, environment);
  return whole.kind === 'refused'
    ? whole
    : checkJobFile(yaml.value, fileName, { variables: whole.value, environment });
}

function checkJobFile(
  yaml: YamlText,
  fileName: string,
  { variables, environment }: { readonly variables: Environment; readonly environment: Environment },
): Checked<WrittenJobFile> {
  const problem = ({ path: at, sentence }: SubstitutionProblem): string =>
    `${fileName}:${yaml.locate(at)}: ${at.length === 0 ? '' : `${formatPath(at)}: `}${sentence}`;

  if (yaml.value === null) return refused(`${fileName}: the job file is empty`);
  const unset: SubstitutionProblem[] = [];
  const given = substituteVariables(yaml.value, variables, unset);
  if (unset.length > 0) return refused(...unset.map(problem));
  const parsed = jobFileSchema.safeParse(given);
  if (!parsed.success) {
    const sentences = schemaProblems(parsed.error.issues).map((found) =>
      found.unknownKey === null ? problem(found) : unknownKeyProblem(yaml, fileName, found, found.unknownKey),
    );
    return refused(...new Set(sentences));
  }
  const url = writtenAt(yaml.value, ['list', 'postgres', 'url']);
  const setting = `list.postgres.url in ${fileName}`;
  return valid({
    ...parsed.data,
    writtenLanguage:
      writtenAt(given, ['report', 'language']) === undefined ? null : parsed.data.report.language,
    listUrlFrom: typeof url === 'string' ? sourceOfValue(url, setting, environment) : '',
  });
}

/**
 * Returns the value at a path of a job file that fits the schema, without defaults; undefined where there is none.
 */
function writtenAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

function unknownKeyProblem(yaml: YamlText, fileName: string, found: SchemaProblem, key: string): string {
  const known = knownKeysAt(found.path);
  const nearest = nearestKey(key, known);
  const hint = nearest === null ? `known here: ${known.join(', ')}` : `did you mean ${nearest}?`;
  return `${fileName}:${yaml.locate(found.path, key)}: ${formatPath([...found.path, key])}: unknown key; ${hint}`;
}

async function readJobFileText(fileName: string, cwd: string): Promise<Checked<string>> {
  const file = path.resolve(cwd, fileName);
  try {
    const { size } = await stat(file);
    if (size > LARGEST_JOB_FILE_BYTES) return refused(`${fileName}: larger than a job file may be (1 MiB)`);
    return valid(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)));
  } catch (error) {
    return refused(unreadableSentence(fileName, error));
  }
}

function unreadableSentence(fileName: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `no such file: ${fileName}`;
    case 'EISDIR':
      return `${fileName} is a folder, not a job file`;
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return `${fileName}: not UTF-8 text`;
    default:
      return `${fileName} can't be read (${String(code)})`;
  }
}
