import { languages, type Language } from '../../domain/language.ts';
import { refused, valid, type Checked } from '../checked.ts';
import { schemaProblems } from '../job-file/schema-problems.ts';
import { parseBaseUrl } from '../provider/provider-settings.ts';
import { postgresSettings, sourceSettings } from '../settings/list-setting-table.ts';
import { providerSettings } from '../settings/provider-setting-table.ts';
import { jobSettings, limitSettings } from '../settings/setting-table.ts';
import type { Setting } from '../settings/setting.ts';

/** The variable that holds the URL of a source database. It is in no table of ours, because the job file names it. */
export const SOURCE_URL_VARIABLE = 'SOURCE_DATABASE_URL';

export const sourceKinds = ['csv', 'excel', 'inbox', 'query', 'table'] as const;
/** The kinds of source a job's list can have; `query` and `table` belong to a Postgres database. */
export type SourceKind = (typeof sourceKinds)[number];

export function isOfPostgres(kind: SourceKind): kind is 'query' | 'table' {
  return kind === 'query' || kind === 'table';
}

/** The checked answers that `init` needs to write a first job file. */
export interface FirstJob {
  readonly job: string;
  /** `text`: a path or a glob, a folder, a query or a table. */
  readonly source: { readonly kind: SourceKind; readonly text: string };
  readonly provider: 'sandbox' | { readonly baseUrl: string; readonly name: string };
  readonly rate: string;
  readonly language: Language;
}

const sourceSetting = {
  csv: sourceSettings.csv,
  excel: sourceSettings.excel,
  inbox: sourceSettings.inbox,
  query: postgresSettings.query,
  table: postgresSettings.table,
} as const satisfies Readonly<Record<SourceKind, Setting>>;

/** Checks one answer that a person or a flag gives, and returns the value it stands for or what is wrong with it. */
export const answerChecks = {
  job: checkBy(jobSettings.job),
  providerName: checkBy(providerSettings.name),
  rate: checkBy(limitSettings.rate),
  language: (text: string): Checked<Language> => oneOfWords(languages, text),
  /** Chosen by its number in `sourceKinds`, counted from 1. */
  sourceNumber: (text: string): Checked<SourceKind> => {
    const kind = sourceKinds.find((_, index) => text === String(index + 1));
    return kind === undefined ? refused(`expected a number from 1 to ${sourceKinds.length}`) : valid(kind);
  },
  source: (kind: SourceKind, text: string) => checkBy(sourceSetting[kind])(text),
  /** `sandbox`, or the address without a slash at its end. */
  baseUrl: (text: string): Checked<string> =>
    text === 'sandbox' ? valid(text) : parseBaseUrl('the address', text),
} as const;

function oneOfWords<Word extends string>(words: readonly Word[], text: string): Checked<Word> {
  const word = words.find((one) => one === text);
  return word === undefined ? refused(`expected ${words.join(' or ')}`) : valid(word);
}

function checkBy({ written }: Setting): (text: string) => Checked<string> {
  return (text) => {
    const parsed = written.safeParse(text);
    return parsed.success
      ? valid(text)
      : refused(...schemaProblems(parsed.error.issues).map(({ sentence }) => sentence));
  };
}

/** Makes a job's name from a path or a table: the last part without its ending, in the alphabet of job names. */
export function jobNameOf({ kind, text }: FirstJob['source']): string {
  if (kind === 'query') return 'members';
  const last = text.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '');
  const stem = kind === 'table' ? last.replace(/^.*\./, '') : last.replace(/\.[^.]*$/, '');
  const name = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'members' : name;
}
