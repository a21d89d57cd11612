import { openCsvTable } from './csv/csv-table.ts';
import { openPostgresTable } from './postgres/postgres-table.ts';
import type { EncodingChoice } from './csv/encoding-choice.ts';
import { LONGEST_SIGNATURE } from './csv/byte-check.ts';
import { assertListFile, readHead } from './list-file.ts';
import type { HeaderSearch } from './header/list-header.ts';
import { looksLikeWorkbook, openXlsxTable } from './xlsx/xlsx-table.ts';
import type { ListTable } from './list-table.ts';
import type { TextEncoding } from './csv/text-decoding.ts';

/** The place of a list: a file, or a query of a database. */
export type ListLocation = FileLocation | PostgresLocation;

export interface FileLocation {
  readonly kind: 'file';
  readonly path: string;
  /** Sheet of a workbook; null for the first one. */
  readonly sheet: string | null;
}

export interface PostgresLocation {
  readonly kind: 'postgres';
  readonly url: string;
  /** Names the setting the URL comes from, for messages. */
  readonly urlFrom: string;
  readonly query: string | null;
  readonly table: string | null;
  readonly statementTimeoutMs: number;
}

export interface TableOptions extends HeaderSearch {
  /** Encoding of a text file. */
  readonly encoding: TextEncoding | 'auto';
}

export interface OpenTable {
  readonly table: ListTable;
  /** The encoding as the run keeps it: a text encoding, `xlsx` or `postgres`. */
  readonly encoding: string;
  /** Empty where the source has no delimiter. */
  readonly delimiter: string;
  /** How the encoding of a text file was found; null for other sources. */
  readonly verdict: EncodingChoice | null;
}

/** Opens the source by its content, not by the name of its file. */
export async function openTable(location: ListLocation, options: TableOptions): Promise<OpenTable> {
  if (location.kind === 'postgres') {
    const source = await openPostgresTable({ ...location, columns: options.columns });
    return { table: source, encoding: 'postgres', delimiter: '', verdict: null };
  }
  if (await isWorkbook(location)) {
    const workbook = await openXlsxTable(location.path, { sheet: location.sheet });
    return { table: workbook, encoding: 'xlsx', delimiter: '', verdict: null };
  }
  const table = await openCsvTable(location.path, { encoding: options.encoding, search: options });
  const { verdict, delimiter } = table;
  return { table, encoding: verdict.encoding, delimiter, verdict };
}

/**
 * Tells a workbook by its first bytes. A file with a workbook's name also goes to the workbook reader, which says
 * what is wrong with it.
 */
async function isWorkbook({ path, sheet }: FileLocation): Promise<boolean> {
  await assertListFile(path);
  if (sheet !== null || /\.xls[xmb]?$/i.test(path)) return true;
  return looksLikeWorkbook(await readHead(path, LONGEST_SIGNATURE));
}
