import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { Words } from '../../domain/language.ts';
import { ListRefusedError } from '../list-errors.ts';
import type { Workbook, Worksheet } from './xlsx-workbook.ts';

const MAX_SHOWN = 12;
const MAX_NAME = 40;

/**
 * Returns the first visible worksheet, or the one with the given name. Names are compared as people see them: in one
 * Unicode form, without blanks around them, first with letter case and then without. Throws ListRefusedError where
 * there is no such sheet.
 */
export function chooseSheet(workbook: Workbook, file: string, wanted: string | null): Worksheet {
  const chosen = wanted === null ? firstVisible(workbook) : findNamed(workbook.sheets, wanted);
  if (chosen !== undefined) return chosen;
  throw new ListRefusedError({
    reason: 'sheet_missing',
    file,
    line: null,
    column: null,
    what:
      wanted === null
        ? {
            en: `no sheet of it is visible, ${showSheets(workbook).en}`,
            ko: `보이는 시트가 없습니다. ${showSheets(workbook).ko}`,
          }
        : {
            en: `it has no sheet "${show(wanted)}", ${showSheets(workbook).en}`,
            ko: `"${show(wanted)}" 시트가 없습니다. ${showSheets(workbook).ko}`,
          },
    advice: {
      ...(wanted === null
        ? {
            en: 'make the sheet that holds the list visible',
            ko: '목록이 있는 시트의 숨김을 해제해 주십시오',
          }
        : {
            en: `give the sheet that holds the list the name "${show(wanted)}"`,
            ko: `목록이 있는 시트의 이름을 "${show(wanted)}"(으)로 바꾸어 주십시오`,
          }),
      atTerminal: {
        en: 'or name the sheet that holds the list, with --sheet or list.sheet',
        ko: '또는 목록이 있는 시트를 --sheet나 list.sheet로 지정해 주십시오',
      },
    },
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

function showSheets({ sheets }: Workbook): Words {
  const shown = sheets.slice(0, MAX_SHOWN).map((sheet) => `"${showSheet(sheet)}"`);
  const more = sheets.length - shown.length;
  if (shown.length === 0) return { en: 'nor any other with cells', ko: '셀이 있는 다른 시트도 없습니다' };
  return {
    en: `its sheets are ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    ko: `있는 시트는 ${shown.join(', ')}${more > 0 ? ` 외 ${more}개` : ''}입니다`,
  };
}

/** Returns the sheet's name in the form that messages show. */
export function showSheet({ name }: Worksheet): string {
  return show(name);
}

function show(name: string): string {
  const characters = Array.from(name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?'));
  return maskIdsInText(characters.slice(0, MAX_NAME).join('') + (characters.length > MAX_NAME ? '…' : ''));
}
