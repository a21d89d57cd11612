import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Language } from '../../domain/language.ts';
import { UnfinishedFile } from '../folder/unfinished-file.ts';
import { Workbook } from '../xlsx/workbook.ts';
import { templateTexts } from './list-template-texts.ts';

const BOM = '\uFEFF';
const CRLF = '\r\n';

/** Number of columns with ids on the list sheet: the first two. */
const ID_COLUMNS = 2;
const LIST_WIDTHS = [24, 34, 20] as const;
const INSTRUCTIONS_WIDTH = 90;

export interface TemplateOptions {
  readonly language: Language;
  /** The creation time stored in the workbook. */
  readonly at: Date;
}

/**
 * Writes an empty list to fill in, `.csv` or `.xlsx` by the path's ending. Never overwrites a file: throws an Error
 * with the code TEMPLATE_EXISTS, or TEMPLATE_ENDING for another ending, or the system's own error where the path
 * can't be written.
 */
export async function writeListTemplate(path: string, options: TemplateOptions): Promise<void> {
  const content = await makeTemplate(path, options);
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const sentence = `${path} exists already; name another file, or move that one away.`;
    throw Object.assign(new Error(sentence, { cause: error }), { code: 'TEMPLATE_EXISTS' });
  }
}

async function makeTemplate(path: string, options: TemplateOptions): Promise<string | Uint8Array> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return BOM + templateTexts[options.language].header.join(',') + CRLF;
    case '.xlsx':
      return await makeWorkbook(options);
    default:
      throw Object.assign(new Error(`${path} ends neither in .csv nor in .xlsx; give it one of the two.`), {
        code: 'TEMPLATE_ENDING',
      });
  }
}

/**
 * Returns the bytes of the workbook: the list sheet, and a sheet that explains how to fill it in. An id typed into a
 * cell that is not text becomes a number and loses all digits after the fifteenth, so the id columns are text from
 * top to bottom.
 */
async function makeWorkbook({ language, at }: TemplateOptions): Promise<Uint8Array> {
  const texts = templateTexts[language];
  const folder = await mkdtemp(join(tmpdir(), 'kona-template-'));
  try {
    const workbook = new Workbook(folder, language);
    workbook.addSheet({
      name: texts.listSheet,
      kind: 'table',
      headings: texts.header,
      widths: LIST_WIDTHS,
      isOptional: false,
      textOnly: { columns: ID_COLUMNS, refusal: texts.notText },
    });
    const instructions = workbook.addSheet({
      name: texts.instructionsSheet,
      kind: 'page',
      headings: [],
      widths: [INSTRUCTIONS_WIDTH],
      isOptional: false,
    });
    await instructions.add(texts.instructions.map((value) => [{ value, style: 'wrapped' }]));
    await workbook.end();
    const file = await UnfinishedFile.create(folder, 'list.xlsx');
    await workbook.write(file, at);
    await file.finish();
    await file.publish(folder);
    await workbook.discard();
    return await readFile(join(folder, 'list.xlsx'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
