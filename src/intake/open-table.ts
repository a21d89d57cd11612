import { openCsvTable } from './csv/csv-table.ts';
import { openPostgresTable } from './postgres/postgres-table.ts';
import type { EncodingChoice } from './csv/encoding-choice.ts';
import { LONGEST_SIGNATURE } from './csv/byte-check.ts';
import { assertListFile, readHead } from './list-file.ts';
import type { HeaderSearch } from './header/list-header.ts';
import { looksLikeWorkbook, openXlsxTable } from './xlsx/xlsx-table.ts';
import type { ListTable } from './list-table.ts';
import type { TextEncoding } from './csv/text-decoding.ts';

/** Where a list is. */
export type ListLocation = FileLocation | PostgresLocation;

export interface FileLocation {
  readonly kind: 'file';
  readonly path: string;
  /** Of a workbook; null: the first one. */
  readonly sheet: string | null;
}

export interface PostgresLocation {
  readonly kind: 'postgres';
  readonly url: string;
  /** Where the URL comes from, as people are told. */
  readonly urlFrom: string;
  readonly query: string | null;
  readonly table: string | null;
  readonly statementTimeoutMs: number;
}

export interface TableOptions extends HeaderSearch {
  /** Of a text file. */
  readonly encoding: TextEncoding | 'auto';
}

export interface OpenTable {
  readonly table: ListTable;
  /** As it is kept with the run: a text encoding, `xlsx` or `postgres`. */
  readonly encoding: string;
  /** Empty where nothing divides cells. */
  readonly delimiter: string;
  /** Of text files only. */
  readonly verdict: EncodingChoice | null;
}

/** Opens the source as what it is, whatever a file is called. */
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

/** By its first bytes; one that has a workbook's name and is none is told so by whoever reads workbooks. */
async function isWorkbook({ path, sheet }: FileLocation): Promise<boolean> {
  await assertListFile(path);
  if (sheet !== null || /\.xls[xmb]?$/i.test(path)) return true;
  return looksLikeWorkbook(await readHead(path, LONGEST_SIGNATURE));
}
