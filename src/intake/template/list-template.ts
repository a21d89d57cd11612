import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Cell, type CellStyle, type WriteSheet, writeXlsx } from 'hucre';
import { type TemplateLanguage, templateTexts } from './list-template-texts.ts';

/** Rows formatted as text below the header; hucre can't give a format to a column as a whole. */
const PREPARED_ROWS = 5_000;
const LAST_ROW = 1_048_576;
const BOM = '\uFEFF';
const CRLF = '\r\n';

const AS_TEXT: CellStyle = { numFmt: '@' };
const HEADER: CellStyle = { numFmt: '@', font: { bold: true, name: 'Calibri', size: 11 } };
const WRAPPED: CellStyle = { alignment: { wrapText: true, vertical: 'top' } };
const ID_WIDTH = 24;
const PAR_WIDTH = 34;
const NAME_WIDTH = 20;
const INSTRUCTIONS_WIDTH = 90;

/**
 * Writes an empty list to fill in, `.csv` or `.xlsx` by the path's ending. Never overwrites: throws an Error with the
 * code TEMPLATE_EXISTS, or TEMPLATE_ENDING for another ending; the system's own error where the path can't be written.
 */
export async function writeListTemplate(path: string, language: TemplateLanguage): Promise<void> {
  const content = await makeTemplate(path, language);
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const sentence = `${path} is there already; name another file, or move that one away.`;
    throw Object.assign(new Error(sentence, { cause: error }), { code: 'TEMPLATE_EXISTS' });
  }
}

async function makeTemplate(path: string, language: TemplateLanguage): Promise<string | Uint8Array> {
  const { header } = templateTexts[language];
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return BOM + header.join(',') + CRLF;
    case '.xlsx':
      return await writeXlsx({ sheets: [makeListSheet(language), makeInstructions(language)] });
    default:
      throw Object.assign(new Error(`${path} ends neither in .csv nor in .xlsx; give it one of the two.`), {
        code: 'TEMPLATE_ENDING',
      });
  }
}

/**
 * An id typed into a cell that isn't text becomes a number and loses all digits behind the fifteenth. Below the
 * prepared rows, and where numbers are pasted, typing is refused and a number turns red.
 */
function makeListSheet(language: TemplateLanguage): WriteSheet {
  const { header, listSheet, notText } = templateTexts[language];
  const emptyRow = [null, null, null];
  return {
    name: listSheet,
    columns: [
      { width: ID_WIDTH, style: AS_TEXT },
      { width: PAR_WIDTH, style: AS_TEXT },
      { width: NAME_WIDTH },
    ],
    rows: [[...header], ...Array.from({ length: PREPARED_ROWS }, () => emptyRow)],
    cells: new Map(header.map((_, column): [string, Partial<Cell>] => [`0,${column}`, { style: HEADER }])),
    freezePane: { rows: 1 },
    dataValidations: [
      {
        type: 'custom',
        formula1: 'ISTEXT(A2)',
        range: `A2:B${LAST_ROW}`,
        allowBlank: true,
        showErrorMessage: true,
        errorStyle: 'stop',
        errorMessage: notText,
      },
    ],
    conditionalRules: [
      {
        type: 'expression',
        priority: 1,
        formula: 'ISNUMBER(A2)',
        range: `A2:B${LAST_ROW}`,
        style: {
          font: { color: { rgb: 'FF9C0006' } },
          fill: { type: 'pattern', pattern: 'solid', bgColor: { rgb: 'FFFFC7CE' } },
        },
      },
    ],
  };
}

function makeInstructions(language: TemplateLanguage): WriteSheet {
  const { instructionsSheet, instructions } = templateTexts[language];
  return {
    name: instructionsSheet,
    columns: [{ width: INSTRUCTIONS_WIDTH, style: WRAPPED }],
    rows: instructions.map((line) => [line]),
  };
}
