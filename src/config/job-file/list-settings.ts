import { z } from 'zod';
import { refused, valid, type Checked } from '../checked.ts';
import type { CheckedFlags } from '../flags.ts';
import type { JobFile } from './job-file-schema.ts';
import { listEncodings, type ListEncoding } from './setting-schemas.ts';

/** Where a job's lists come from and how they are read, without secrets; kept with every run. */
export interface ListSettings {
  readonly source: ListSourceSettings;
  readonly encoding: ListEncoding;
  /** False: the list has no header, both columns are numbers. */
  readonly header: 'auto' | false;
  /** Headers, or column numbers from 1; null: found by name. */
  readonly columns: {
    readonly userId: string | number | null;
    readonly par: string | number | null;
  };
  /** True: long ids that end in zeros are no sign of a spreadsheet. */
  readonly idsMayEndInZeros: boolean;
  /** PARs of one member that are no sign of damage, however large their share of the list. */
  readonly cardsPerMember: number;
  /** True: a file that ends inside an id, without a line end, is whole. */
  readonly mayEndWithoutLineEnd: boolean;
}

/** Cards one member may have before a list is asked about it. */
const USUAL_CARDS_PER_MEMBER = 20;

export type ListSourceSettings =
  /** A path or a glob; `-` is standard input. */
  | { readonly kind: 'csv'; readonly path: string }
  /** Sheet null: the first. */
  | { readonly kind: 'excel'; readonly path: string; readonly sheet: string | null }
  /** One of query and table; the URL is no setting but a secret. */
  | {
      readonly kind: 'postgres';
      readonly query: string | null;
      readonly table: string | null;
      readonly statementTimeoutMs: number;
    };

/** The job file's list with the flags over it. */
export function listSettingsOf({ list }: JobFile, flags: CheckedFlags): Checked<ListSettings> {
  if (list.header === false && (flags.userIdHeader !== null || flags.parHeader !== null)) {
    return refused('--map: the list has no header (list.header: false); give column numbers in list.columns');
  }
  const userId = flags.userIdHeader ?? wantedOf(list.columns.userId);
  const par = flags.parHeader ?? wantedOf(list.columns.par);
  if (userId !== null && userId === par) return refused('list.columns: one header for two fields');
  const source = sourceOf(list, flags.sheet);
  if (source === null) return refused('list: expected one of csv, excel and postgres');
  if (source.kind === 'postgres' && flags.sheet !== null) {
    return refused('--sheet: a query has no sheets; the flag goes with a workbook');
  }
  const encoding = flags.encoding ?? list.encoding;
  const { header, idsMayEndInZeros, cardsPerMember, mayEndWithoutLineEnd } = list;
  return valid({
    source,
    encoding,
    header,
    columns: { userId, par },
    idsMayEndInZeros,
    cardsPerMember,
    mayEndWithoutLineEnd,
  });
}

/** A list of ours as a person hands it back. */
export interface HandedBackFile {
  /** As it was named; kept with the run. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** The file itself says what it is written in, as ours do. */
  readonly isEncodingSure: boolean;
}

/**
 * How a list of ours is read that is handed back, by the settings of the run it comes from. It always has a header: the
 * columns of a list without one are called `column_1` and on in it. Their encoding counts for a file that another
 * program saved in one that can't be told for sure.
 */
export function settingsOfHandedBack(
  kept: ListSettings,
  file: HandedBackFile,
  flags: CheckedFlags,
): Checked<ListSettings> {
  const named = (column: string | number | null): string | null =>
    column === null ? null : kept.header === false ? `column_${column}` : String(column);
  const userId = flags.userIdHeader ?? named(kept.columns.userId);
  const par = flags.parHeader ?? named(kept.columns.par);
  if (userId !== null && userId === par) return refused('--map: one header for two fields');
  return valid({
    ...kept,
    source: { kind: 'csv', path: file.name },
    encoding: flags.encoding ?? (file.isEncodingSure ? 'auto' : kept.encoding),
    header: 'auto',
    columns: { userId, par },
  });
}

function wantedOf(column: string | number): string | number | null {
  return column === 'auto' ? null : column;
}

/** A file of which `--sheet` names a sheet is a workbook, whatever the job file calls it. */
function sourceOf(list: JobFile['list'], sheetFlag: string | null): ListSourceSettings | null {
  if (list.csv !== undefined && sheetFlag === null) return { kind: 'csv', path: list.csv };
  const path = list.excel ?? list.csv;
  if (path !== undefined) return { kind: 'excel', path, sheet: sheetFlag ?? list.sheet ?? null };
  if (list.postgres === undefined) return null;
  const { query = null, table = null, statementTimeout } = list.postgres;
  return { kind: 'postgres', query, table, statementTimeoutMs: statementTimeout };
}

const column = z.union([z.string().min(1), z.int().min(1)]).nullable();
const columns = z.strictObject({ userId: column, par: column });
const nothingOr = z.string().min(1).nullable();

const source = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('csv'), path: z.string().min(1) }),
  z.strictObject({ kind: z.literal('excel'), path: z.string().min(1), sheet: nothingOr }),
  z.strictObject({
    kind: z.literal('postgres'),
    query: nothingOr,
    table: nothingOr,
    statementTimeoutMs: z.int().min(1),
  }),
]);

/** As the ledger gives it back; runs of before there was a choice name a CSV file. */
export const storedListSchema: z.ZodType<ListSettings> = z.union([
  z.strictObject({
    source,
    encoding: z.enum(listEncodings),
    header: z.union([z.literal('auto'), z.literal(false)]),
    columns,
    // Runs of versions that had no such key.
    idsMayEndInZeros: z.boolean().default(false),
    cardsPerMember: z.int().min(1).default(USUAL_CARDS_PER_MEMBER),
    mayEndWithoutLineEnd: z.boolean().default(false),
  }),
  z
    .strictObject({ csv: z.string().min(1), encoding: z.enum(listEncodings), columns })
    .transform(({ csv, encoding, columns: named }): ListSettings => {
      const from = { kind: 'csv', path: csv } as const;
      return {
        source: from,
        encoding,
        header: 'auto',
        columns: named,
        idsMayEndInZeros: false,
        cardsPerMember: USUAL_CARDS_PER_MEMBER,
        mayEndWithoutLineEnd: false,
      };
    }),
]);

/**
 * What decides how a list's bytes become rows: two runs that differ in it are not the same work. Undefined for settings
 * that can't be read.
 */
export function readingOf(settings: unknown): unknown {
  const parsed = z.object({ list: storedListSchema }).safeParse(settings);
  if (!parsed.success) return undefined;
  const { encoding, header, columns: named, source: from } = parsed.data.list;
  return { encoding, header, columns: named, sheet: from.kind === 'excel' ? from.sheet : null };
}
