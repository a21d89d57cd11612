import { stringify } from 'yaml';
import { problemsOf, type Checked } from '../checked.ts';
import type { Environment } from '../environment.ts';
import { checkJobFileText } from '../job-file/job-file.ts';
import { settingPaths, valuesOf } from '../settings/setting-sections.ts';
import { defaultOf, type Setting } from '../settings/setting.ts';
import { commentLines } from './comment-lines.ts';
import { isOfPostgres, SOURCE_URL_VARIABLE, type FirstJob } from './first-job.ts';

type Given = ReadonlyMap<string, unknown>;

/** A key of the file, with keys of its own or with a value. A value that nobody gave is commented out. */
interface Key {
  readonly name: string;
  readonly keys: Key[];
  readonly value: string;
  readonly comment: readonly string[];
  isGiven: boolean;
}

/**
 * Returns a job file with every key that fits the job: those given as they are, the others commented out with their
 * default or an example. The comments are the settings' own help, so that they say what the docs say.
 */
export function writeJobFileText(job: FirstJob): string {
  const given = givenSettings(job);
  const blocks = treeOf(given, job).map((key) =>
    key.name === 'provider' && job.provider === 'sandbox' ? simulatorLines(key) : linesOf(key),
  );
  return `${[headLines(job), ...blocks].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/**
 * Checks the text as a run reads it. It supplies a URL for the variable that the text names, which may not be set
 * yet.
 */
export async function checkFirstJobFile(
  text: string,
  fileName: string,
  environment: Environment,
): Promise<readonly string[]> {
  const standIn = { [SOURCE_URL_VARIABLE]: 'postgres://source.example/legacy' };
  const layers = [...environment.layers, standIn];
  const checked: Checked<unknown> = await checkJobFileText(text, fileName, { ...environment, layers });
  return problemsOf(checked);
}

function headLines({ job }: FirstJob): readonly string[] {
  return commentLines(
    `Job ${job} of kona-enroll. A key that is commented out shows its default, or an example where it has none: remove its # to change it. The file docs/job-file.md has every key.`,
  );
}

function givenSettings({ job, source, provider, rate, language }: FirstJob): Given {
  const { kind, text } = source;
  const isPostgres = isOfPostgres(kind);
  return new Map<string, unknown>([
    ['job', job],
    ...(isPostgres ? ([['list.postgres.url', `$${SOURCE_URL_VARIABLE}`]] as const) : []),
    [isPostgres ? `list.postgres.${kind}` : `list.${kind}`, text],
    ...(provider === 'sandbox'
      ? []
      : ([
          ['provider.name', provider.name],
          ['provider.baseUrl', provider.baseUrl],
        ] as const)),
    ['limits.rate', rate],
    ['report.language', language],
  ]);
}

function treeOf(given: Given, { source }: FirstJob): readonly Key[] {
  const top: Key[] = [];
  for (const [path, setting] of settingPaths) {
    if (!given.has(path) && !fits(path, source.kind)) continue;
    const names = path.split('.');
    const last = names.pop() ?? path;
    const isGiven = given.has(path);
    let keys = top;
    for (const name of names) {
      const above = keys.find((key) => key.name === name) ?? emptyKey(name);
      if (!keys.includes(above)) keys.push(above);
      above.isGiven ||= isGiven;
      keys = above.keys;
    }
    const value = isGiven ? given.get(path) : (setting.example ?? defaultOf(setting));
    keys.push({ name: last, keys: [], value: valueText(value), comment: helpLines(setting), isGiven });
  }
  return top;
}

function emptyKey(name: string): Key {
  return { name, keys: [], value: '', comment: [], isGiven: false };
}

const otherSources = /^list\.(?:csv|excel|inbox|postgres\.(?:url|query|table))$/;

/** Returns whether a key that nobody gave fits the kind of source. */
function fits(path: string, kind: FirstJob['source']['kind']): boolean {
  if (otherSources.test(path)) return false;
  switch (path) {
    case 'list.sheet':
      return kind === 'excel' || kind === 'inbox';
    case 'list.encoding':
    case 'list.mayEndWithoutLineEnd':
      return kind === 'csv' || kind === 'inbox';
    case 'list.header':
      return !isOfPostgres(kind);
    case 'list.postgres.statementTimeout':
      return isOfPostgres(kind);
    default:
      return true;
  }
}

function linesOf(key: Key): readonly string[] {
  if (!key.isGiven)
    return key.keys.length === 0
      ? [...key.comment, commented(`${key.name}: ${key.value}`)]
      : plainLinesOf(key).map(commented);
  if (key.keys.length === 0) return plainLinesOf(key);
  return [`${key.name}:`, ...key.keys.flatMap(linesOf).map(indented)];
}

/** Returns the lines of a key that is not commented out. */
function plainLinesOf(key: Key): readonly string[] {
  if (key.keys.length === 0) return [...key.comment, `${key.name}: ${key.value}`];
  return [`${key.name}:`, ...key.keys.flatMap(plainLinesOf).map(indented)];
}

function simulatorLines(key: Key): readonly string[] {
  const what =
    'the simulator that comes with the program: it needs no keys, and nobody is enrolled. For the real provider, replace it with these lines and write the keys into .env';
  return [...commentLines(what), 'provider: sandbox', ...plainLinesOf(key).map(commented)];
}

function indented(line: string): string {
  return `  ${line}`;
}

/** Comments a line out without a blank after the mark, to tell it from a comment. */
function commented(line: string): string {
  return `#${line}`;
}

function helpLines(setting: Setting): readonly string[] {
  const { help } = setting;
  const values = valuesOf(setting);
  const isTold = values === 'true, false' || values.split(', ').every((value) => help.includes(value));
  return commentLines(isTold ? help : `${help} (${values})`);
}

/** Writes a value on one line, whatever it contains. */
function valueText(value: unknown): string {
  const hasControls = typeof value === 'string' && /[\n\r\t]/.test(value);
  return stringify(value, {
    lineWidth: 0,
    collectionStyle: 'flow',
    flowCollectionPadding: false,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    ...(hasControls ? { defaultStringType: 'QUOTE_DOUBLE' } : {}),
  }).trimEnd();
}
