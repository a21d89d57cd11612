import type { Language } from '../../domain/language.ts';
import type { UnfinishedFile } from '../folder/unfinished-file.ts';
import { TableSheet, type FinishedSheet, type SheetPlan } from './table-sheet.ts';
import {
  contentTypesXml,
  corePropertiesXml,
  rootRelationsXml,
  stylesXml,
  workbookRelationsXml,
  workbookXml,
} from './workbook-parts.ts';
import { MOST_ZIP_BYTES, textPart, writeZip, type ZipPart } from './zip-file.ts';

/**
 * A workbook whose sheets grow side by side, each in a dot-file of the folder until all are put together, so that
 * memory does not grow with the rows. The same rows, language and time give the same bytes. Sheets stand in the order
 * in which they were added.
 */
export class Workbook {
  private readonly folder: string;
  private readonly language: Language;
  private readonly sheets: TableSheet[] = [];
  private ended: readonly FinishedSheet[] = [];

  constructor(folder: string, language: Language) {
    this.folder = folder;
    this.language = language;
  }

  addSheet(plan: SheetPlan): TableSheet {
    const sheet = new TableSheet(this.folder, plan);
    this.sheets.push(sheet);
    return sheet;
  }

  /**
   * Ends the workbook after the last row. Returns false where it is too large for a workbook and must not be written.
   */
  async end(): Promise<boolean> {
    const ended: FinishedSheet[] = [];
    for (const sheet of this.sheets) ended.push(...(await sheet.end()));
    this.ended = ended;
    return !isTooLarge(ended);
  }

  /** Puts an ended workbook together. `at`: the time stored in it and its parts. */
  async write(file: UnfinishedFile, at: Date): Promise<void> {
    await writeZip(file, [...this.describe(at), ...this.ended.map(partOf)], at);
  }

  /** Removes all dot-files, whether or not the workbook was written. */
  async discard(): Promise<void> {
    for (const sheet of this.sheets) await sheet.discard();
  }

  private describe(at: Date): ZipPart[] {
    const sheets = this.ended;
    return [
      textPart('[Content_Types].xml', contentTypesXml(sheets.length)),
      textPart('_rels/.rels', rootRelationsXml()),
      textPart('docProps/core.xml', corePropertiesXml(at)),
      textPart('xl/workbook.xml', workbookXml(sheets)),
      textPart('xl/_rels/workbook.xml.rels', workbookRelationsXml(sheets.length)),
      textPart('xl/styles.xml', stylesXml(this.language)),
    ];
  }
}

function partOf({ facts, part }: FinishedSheet, index: number): ZipPart {
  return { name: `xl/worksheets/sheet${index + 1}.xml`, ...facts, content: () => part.content() };
}

/** Leaves room for the other parts and the headers. */
function isTooLarge(sheets: readonly FinishedSheet[]): boolean {
  const most = MOST_ZIP_BYTES - 1024 * 1024;
  const all = sheets.reduce((sum, { facts }) => sum + facts.compressedBytes, 0);
  return all > most || sheets.some(({ facts }) => facts.bytes > most);
}
