import { ListRefusedError } from '../../../src/intake/list-errors.ts';
import type { ListRecord, TableReading, TableTotals } from '../../../src/intake/list-table.ts';
import { openXlsxTable } from '../../../src/intake/xlsx/xlsx-table.ts';
import { makeListFolder } from '../list-folder.ts';
import { makeWorkbook, type WorkbookParts } from './workbook-maker.ts';

export interface ReadTable {
  readonly records: readonly ListRecord[];
  readonly setSizes: readonly number[];
  readonly totals: TableTotals;
}

export async function readTable(
  path: string,
  sheet: string | null = null,
  given: Partial<TableReading> = {},
): Promise<ReadTable> {
  const table = await openXlsxTable(path, { sheet });
  const reading = table.records({ onBytes: () => undefined, ...given });
  const records: ListRecord[] = [];
  const setSizes: number[] = [];
  for (;;) {
    const { value, done } = await reading.next();
    if (done === true) return { records, setSizes, totals: value };
    records.push(...value);
    setSizes.push(value.length);
  }
}

/** Reads a file of this content in a folder of its own. */
export async function readContent(content: Uint8Array, sheet: string | null = null): Promise<ReadTable> {
  await using lists = await makeListFolder();
  return await readTable(await lists.write(content, 'list.xlsx'), sheet);
}

export async function readWorkbookOf(given: WorkbookParts, sheet: string | null = null): Promise<ReadTable> {
  return await readContent(makeWorkbook(given), sheet);
}

/** The texts of row 1 of a sheet that has these cells and a mark of its width behind them. */
export async function readCells(cells: readonly string[], given: WorkbookParts = {}): Promise<ListRecord> {
  const { records } = await readWorkbookOf({
    ...given,
    rows: `<row>${cells.join('')}<c t="str"><v>end</v></c></row>`,
  });
  const [record] = records;
  if (record === undefined || records.length !== 1) throw new Error('not one record');
  return { ...record, cells: record.cells.slice(0, -1) };
}

/** The refusal that reading to the end meets, at opening or later; null when all is read well. */
export async function refusalOf(
  content: Uint8Array,
  sheet: string | null = null,
): Promise<ListRefusedError | null> {
  try {
    await readContent(content, sheet);
    return null;
  } catch (error) {
    if (error instanceof ListRefusedError) return error;
    throw error;
  }
}
