import { z } from 'zod';
import { languages, type Language } from '../domain/language.ts';
import { refused, valid, type Checked } from './checked.ts';
import type { RateLimit } from './job-file/rate-limit.ts';
import { formatPath, schemaProblems } from './job-file/schema-problems.ts';
import { listEncodings, type ListEncoding, oneOf, rates, text, yesOrNo } from './job-file/setting-schemas.ts';

/** Flags as the command line hands them over: text and switches, unchecked. */
export interface Flags {
  readonly rate?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly allowFailures?: boolean | undefined;
  readonly reports?: string | undefined;
  readonly encoding?: string | undefined;
  /** Name of the sheet of a workbook. */
  readonly sheet?: string | undefined;
  /** Each `header=field`; field is userId, user_id or par. */
  readonly map?: readonly string[] | undefined;
  readonly limit?: string | undefined;
  readonly maxCalls?: string | undefined;
  readonly wait?: boolean | undefined;
  readonly lang?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly again?: boolean | undefined;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What a flag says, null where it was not given. */
export interface CheckedFlags {
  readonly rates: readonly RateLimit[] | null;
  readonly concurrency: number | null;
  readonly databaseUrl: string | null;
  readonly reports: string | null;
  readonly language: Language | null;
  readonly encoding: ListEncoding | null;
  readonly sheet: string | null;
  readonly userIdHeader: string | null;
  readonly parHeader: string | null;
  readonly settings: FlagSettings;
}

/** Flags that no job file has a key for. */
export interface FlagSettings {
  readonly again: boolean;
  readonly allowFailures: boolean;
  /** Most records to call; null is all. */
  readonly limit: number | null;
  /** Calls of this request, from a purse of its own; null: from the job's. */
  readonly maxCalls: number | null;
  readonly wait: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly yes: boolean;
  readonly logLevel: LogLevel;
}

const flagsSchema = z.strictObject({
  rate: rates().optional(),
  concurrency: numberFlag(1, 1000).optional(),
  databaseUrl: text('a postgres:// URL or embedded:FOLDER').optional(),
  allowFailures: yesOrNo().default(false),
  reports: text('a folder').optional(),
  encoding: oneOf(listEncodings).optional(),
  sheet: text('the name of a sheet').optional(),
  map: z.array(text('header=field', /=/), { error: 'expected header=field' }).default([]),
  limit: numberFlag(1, 1_000_000_000).optional(),
  maxCalls: numberFlag(1, 1_000_000_000).optional(),
  wait: yesOrNo().default(false),
  lang: oneOf(languages).optional(),
  logLevel: oneOf(logLevels).default('info'),
  json: yesOrNo().default(false),
  quiet: yesOrNo().default(false),
  yes: yesOrNo().default(false),
  again: yesOrNo().default(false),
});

export function checkFlags(flags: Flags): Checked<CheckedFlags> {
  const parsed = flagsSchema.safeParse(flags);
  if (!parsed.success) {
    return refused(
      ...schemaProblems(parsed.error.issues).map(
        ({ path, unknownKey, sentence }) =>
          `${flagName(unknownKey ?? formatPath(path.slice(0, 1)))}: ${sentence}`,
      ),
    );
  }
  const {
    rate: asked,
    concurrency,
    databaseUrl,
    reports,
    encoding,
    sheet,
    map,
    lang,
    limit,
    maxCalls,
    ...switches
  } = parsed.data;
  const columns = checkMap(map);
  if (columns.kind === 'refused') return columns;
  return valid({
    rates: asked ?? null,
    concurrency: concurrency ?? null,
    databaseUrl: databaseUrl ?? null,
    reports: reports ?? null,
    language: lang ?? null,
    encoding: encoding ?? null,
    sheet: sheet ?? null,
    ...columns.value,
    settings: { ...switches, limit: limit ?? null, maxCalls: maxCalls ?? null },
  });
}

type MappedColumns = Pick<CheckedFlags, 'userIdHeader' | 'parHeader'>;

function checkMap(entries: readonly string[]): Checked<MappedColumns> {
  const headers: Record<'userId' | 'par', string[]> = { userId: [], par: [] };
  for (const entry of entries) {
    const split = entry.lastIndexOf('=');
    const field = fieldOf(entry.slice(split + 1).trim());
    const header = entry.slice(0, split).trim();
    if (field === null || header === '') return refused('--map: expected header=userId or header=par');
    headers[field].push(header);
  }
  const [userIdHeader = null, ...moreUserIds] = headers.userId;
  const [parHeader = null, ...morePars] = headers.par;
  if (moreUserIds.length > 0 || morePars.length > 0) return refused('--map: two headers for one field');
  if (userIdHeader !== null && userIdHeader === parHeader) return refused('--map: one header for two fields');
  return valid({ userIdHeader, parHeader });
}

function fieldOf(word: string): 'userId' | 'par' | null {
  if (word === 'userId' || word === 'user_id') return 'userId';
  return word === 'par' ? 'par' : null;
}

function numberFlag(min: number, max: number) {
  const expected = `a whole number from ${min} to ${max}`;
  return text(expected, /^[0-9]{1,10}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected ${expected}`);
}

function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
