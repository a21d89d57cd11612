import { z } from 'zod';
import { refused, valid, type Checked } from '../checked.ts';
import type { CheckedFlags } from '../flags/flags.ts';
import { columnSettings, damageSettings, readingSettings } from '../settings/list-setting-table.ts';
import { keepSection, keptShape, type DeepReadonly } from '../settings/setting.ts';
import type { JobFile } from './job-file-schema.ts';
import { listEncodings } from './setting-schemas.ts';

const nothingOr = z.string().min(1).nullable();

const source = z.discriminatedUnion('kind', [
  // The path may be a glob, or `-` for standard input.
  z.strictObject({ kind: z.literal('csv'), path: z.string().min(1) }),
  // Without a sheet the first visible one is read.
  z.strictObject({ kind: z.literal('excel'), path: z.string().min(1), sheet: nothingOr }),
  // Each file of the folder is read by its content, as text or as a workbook.
  z.strictObject({ kind: z.literal('inbox'), path: z.string().min(1), sheet: nothingOr }),
  // Exactly one of query and table is set; the URL is no setting but a secret.
  z.strictObject({
    kind: z.literal('postgres'),
    query: nothingOr,
    table: nothingOr,
    statementTimeoutMs: z.int().min(1),
  }),
]);

const columns = z.strictObject(keptShape(columnSettings));

const storedList = z.strictObject({
  source,
  ...keptShape(readingSettings),
  columns,
  ...keptShape(damageSettings),
});

/** Where a job's lists come from and how they are read, without secrets. Kept with every run. */
export type ListSettings = DeepReadonly<z.output<typeof storedList>>;
export type ListSourceSettings = ListSettings['source'];

/** Reads the settings back from the ledger. The first versions read only CSV files and kept only the path. */
export const storedListSchema: z.ZodType<ListSettings> = z.union([
  storedList,
  z
    .strictObject({ csv: z.string().min(1), encoding: z.enum(listEncodings), columns })
    .transform(({ csv, ...reading }): ListSettings =>
      storedList.parse({ source: { kind: 'csv', path: csv }, header: 'auto', ...reading }),
    ),
]);

/** Returns the job file's list settings with the flags applied. */
export function listSettingsOf({ list }: JobFile, flags: CheckedFlags): Checked<ListSettings> {
  const { map, sheet } = flags;
  if (list.header === false && (map.userId !== null || map.par !== null)) {
    return refused('--map: the list has no header (list.header: false); give column numbers in list.columns');
  }
  const named = keepSection(columnSettings, list.columns);
  const userId = map.userId ?? named.userId;
  const par = map.par ?? named.par;
  if (userId !== null && userId === par) return refused('list.columns: one header for two fields');
  const from = sourceOf(list, sheet);
  if (from === null) return refused('list: expected one of csv, excel, inbox and postgres');
  if (from.kind === 'postgres' && sheet !== null) {
    return refused('--sheet: a query has no sheets; the flag goes with a workbook');
  }
  const reading = keepSection(readingSettings, list);
  return valid({
    source: from,
    ...reading,
    encoding: flags.encoding ?? reading.encoding,
    columns: { userId, par },
    ...keepSection(damageSettings, list),
  });
}

/** A list of ours that a person hands back. */
export interface HandedBackFile {
  /** Path as the person gave it; kept with the run. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** The file itself tells its encoding, as our own files do. */
  readonly isEncodingSure: boolean;
}

/**
 * Returns the settings for reading a list of ours that is handed back, made from those of the run it comes from. Such
 * a list always has a header: the columns of a list without one are called `column_1` and so on in it. The run's
 * encoding is used where another program saved the file in an encoding that can't be told for sure.
 */
export function settingsOfHandedBack(
  kept: ListSettings,
  file: HandedBackFile,
  flags: CheckedFlags,
): Checked<ListSettings> {
  const named = (column: string | number | null): string | null =>
    column === null ? null : kept.header === false ? `column_${column}` : String(column);
  const userId = flags.map.userId ?? named(kept.columns.userId);
  const par = flags.map.par ?? named(kept.columns.par);
  if (userId !== null && userId === par) return refused('--map: one header for two fields');
  return valid({
    ...kept,
    source: { kind: 'csv', path: file.name },
    encoding: flags.encoding ?? (file.isEncodingSure ? 'auto' : kept.encoding),
    header: 'auto',
    columns: { userId, par },
  });
}

/** Treats a file for which `--sheet` names a sheet as a workbook, whatever the job file says. */
function sourceOf(list: JobFile['list'], sheetFlag: string | null): ListSourceSettings | null {
  const sheet = sheetFlag ?? list.sheet ?? null;
  if (list.inbox !== undefined) return { kind: 'inbox', path: list.inbox, sheet };
  if (list.csv !== undefined && sheetFlag === null) return { kind: 'csv', path: list.csv };
  const path = list.excel ?? list.csv;
  if (path !== undefined) return { kind: 'excel', path, sheet };
  if (list.postgres === undefined) return null;
  const { query = null, table = null, statementTimeout } = list.postgres;
  return { kind: 'postgres', query, table, statementTimeoutMs: statementTimeout };
}

/**
 * Returns the settings that decide how a list's bytes become rows. Two runs that differ in them are not the same
 * work. Undefined for settings that can't be read.
 */
export function readingOf(settings: unknown): unknown {
  const parsed = z.object({ list: storedListSchema }).safeParse(settings);
  if (!parsed.success) return undefined;
  const { encoding, header, columns: named, source: from } = parsed.data.list;
  return {
    encoding,
    header,
    columns: named,
    sheet: from.kind === 'excel' || from.kind === 'inbox' ? from.sheet : null,
  };
}
