import { maskIdsInText } from '../../domain/identity/masking.ts';
import { ListRefusedError } from '../list-errors.ts';
import type { Workbook, Worksheet } from './xlsx-workbook.ts';

const MAX_SHOWN = 12;
const MAX_NAME = 40;

/**
 * The first visible worksheet, or the one of that name: compared as people see names, in one Unicode form and without
 * blanks around, with its letter case first and then without. Throws ListRefusedError where there is none.
 */
export function chooseSheet(workbook: Workbook, file: string, wanted: string | null): Worksheet {
  const chosen = wanted === null ? firstVisible(workbook) : findNamed(workbook.sheets, wanted);
  if (chosen !== undefined) return chosen;
  throw new ListRefusedError({
    reason: 'sheet_missing',
    file,
    line: null,
    column: null,
    what: `${wanted === null ? 'no sheet of it is visible' : `it has no sheet "${show(wanted)}"`}, ${showSheets(workbook)}`,
    advice: 'name the sheet that holds the list',
  });
}

export function firstVisible({ sheets }: Workbook): Worksheet | undefined {
  return sheets.find(({ isVisible }) => isVisible);
}

function findNamed(sheets: readonly Worksheet[], wanted: string): Worksheet | undefined {
  const name = asSeen(wanted);
  return (
    sheets.find((sheet) => asSeen(sheet.name) === name) ??
    sheets.find((sheet) => asSeen(sheet.name).toLowerCase() === name.toLowerCase())
  );
}

function asSeen(name: string): string {
  return name.normalize('NFC').trim();
}

function showSheets({ sheets }: Workbook): string {
  const shown = sheets.slice(0, MAX_SHOWN).map((sheet) => `"${showSheet(sheet)}"`);
  const more = sheets.length - shown.length;
  if (shown.length === 0) return 'nor any other with cells';
  return `its sheets are ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Its name as a sentence may show it. */
export function showSheet({ name }: Worksheet): string {
  return show(name);
}

function show(name: string): string {
  const characters = Array.from(name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?'));
  return maskIdsInText(characters.slice(0, MAX_NAME).join('') + (characters.length > MAX_NAME ? '…' : ''));
}
