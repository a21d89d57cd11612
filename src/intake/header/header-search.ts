import {
  findHeader,
  HEADER_LINES,
  looksLikeRow,
  readHeader,
  type FoundHeader,
  type HeaderFault,
  type HeaderSearch,
} from './list-header.ts';
import type { Words } from '../../domain/language.ts';
import { type ListAdvice, ListRefusedError } from '../list-errors.ts';
import type { ListRecord, ListTable } from '../list-table.ts';
import { showHeader } from '../shown-text.ts';
import { delimiters } from '../csv/list-start.ts';
import { findColumns } from './list-columns.ts';

interface FirstRecords {
  readonly records: readonly ListRecord[];
  /** The list has more records than these; no header is looked for there. */
  readonly hasMore: boolean;
}

/**
 * Returns the header of a table: its own, or the one found among its first records. Throws ListRefusedError for a
 * table without records.
 */
export async function searchHeader(
  table: ListTable,
  search: HeaderSearch,
): Promise<FoundHeader | HeaderFault> {
  if (table.header !== null) {
    const found = readHeader({ line: 1, cells: table.header }, search.columns);
    return { ...found, line: null };
  }
  const first = await readFirst(table);
  if (first.records.length === 0) throw refuseEmpty(table);
  const found = findHeader(first.records, { ...search, isWorkbook: table.format === 'xlsx' });
  if (found.kind === 'found' || found.reason !== 'column_missing' || found.hasOther) return found;
  return isOneColumn(table, first)
    ? { ...found, ...withoutDelimiter(first) }
    : { ...found, advice: [found.advice].flat().concat(whereElse(table, first)) };
}

/** Returns whether no known delimiter divides the cells of a text file. */
function isOneColumn({ format }: ListTable, { records }: FirstRecords): boolean {
  return format === 'csv' && records.every(({ cells }) => cells.length === 1);
}

function withoutDelimiter({ records }: FirstRecords): { readonly what: Words; readonly advice: Words } {
  const seen = showHeader(records[0]?.cells ?? []);
  const divider = otherDivider(records);
  if (divider !== null && delimiters.includes(divider)) return quotedLines(seen);
  const told = divider === null ? '' : `, or add a first line sep=${divider}`;
  const toldKo = divider === null ? '' : `, 맨 위에 sep=${divider} 줄을 넣어 주십시오`;
  return {
    what: {
      en: `no delimiter was found between the cells of the first lines; comma, semicolon, tab and pipe are known; seen: ${seen}`,
      ko: `첫 줄들에서 셀을 나누는 구분자를 찾지 못했습니다. 쉼표, 세미콜론, 탭, 파이프(|)만 구분자로 인식합니다. 읽은 줄: ${seen}`,
    },
    advice: {
      en: `export the list with one of them${told}`,
      ko: `그중 하나로 목록을 다시 내보내거나${toldKo === '' ? ' "CSV UTF-8"로 저장해 주십시오' : toldKo}`,
    },
  };
}

/** Says that each line is one cell because it stands in quotes as a whole, as after being saved twice. */
function quotedLines(seen: string): { readonly what: Words; readonly advice: Words } {
  return {
    what: {
      en: `each line stands in quotes as a whole, so it is one cell; seen: ${seen}`,
      ko: `줄 전체가 따옴표로 묶여 있어 셀이 하나뿐입니다. 읽은 줄: ${seen}`,
    },
    advice: {
      en: 'export the list again, or take out the quotes around whole lines',
      ko: '목록을 다시 내보내거나 줄 전체를 묶은 따옴표를 지워 주십시오',
    },
  };
}

/** Returns a character that would divide one of the first lines into a header; null where there is none. */
function otherDivider(records: readonly ListRecord[]): string | null {
  for (const { cells } of records) {
    const line = cells[0] ?? '';
    for (const sign of new Set(line.replace(/[\p{L}\p{N}\s"]/gu, ''))) {
      const found = findColumns(line.split(sign), { userId: null, par: null }, { rows: [], names: 'short' });
      if (found.kind === 'found' && sign <= '~') return sign;
    }
  }
  return null;
}

/**
 * Reads a few rows more than the last line a header may stand on, because they tell what the columns hold. Blank
 * lines above the first text do not shorten the search.
 */
async function readFirst(table: ListTable): Promise<FirstRecords> {
  const first: ListRecord[] = [];
  const records = table.records({ onBytes: () => undefined });
  try {
    for (;;) {
      const { value, done } = await records.next();
      if (done === true) return { records: first, hasMore: false };
      for (const record of value) {
        const [top = record] = first;
        if (record.line >= top.line + HEADER_LINES * 2) return { records: first, hasMore: true };
        first.push(record);
      }
    }
  } finally {
    await records.return({ records: 0, blankLines: 0 });
  }
}

/** Says where the header may be that was not found. */
function whereElse({ sheets }: ListTable, { records, hasMore }: FirstRecords): ListAdvice[] {
  const advice: ListAdvice[] = [];
  const [top] = records;
  const isBelow = ({ line }: ListRecord): boolean => top !== undefined && line >= top.line + HEADER_LINES;
  const isData = records.some((record) => !isBelow(record) && looksLikeRow(record.cells));
  if ((hasMore || records.some(isBelow)) && !isData) {
    advice.push({
      en: `if the header stands below line ${HEADER_LINES}, delete lines above it`,
      ko: `제목 행이 ${HEADER_LINES}행보다 아래에 있으면 그 위의 줄을 지워 주십시오`,
    });
  }
  if (sheets !== null && sheets.unread.length > 0) {
    advice.push({
      en: `if the list is not on sheet "${sheets.read}" but on ${showHeader(sheets.unread)}, make that sheet the first`,
      ko: `목록이 시트 "${sheets.read}"가 아니라 ${showHeader(sheets.unread)}에 있으면 그 시트를 맨 앞으로 옮겨 주십시오`,
      atTerminal: {
        en: 'or name it in list.sheet of a job file, or with --sheet',
        ko: '시트는 --sheet나 작업 파일의 list.sheet로도 지정할 수 있습니다',
      },
    });
  }
  return advice;
}

function refuseEmpty(table: ListTable): ListRefusedError {
  const { name, sheets } = table;
  return new ListRefusedError({
    reason: 'empty',
    file: name,
    line: null,
    column: null,
    what: {
      en: `${sheets === null ? 'the file' : `sheet "${sheets.read}"`} is empty and has not even a header`,
      ko: `${sheets === null ? '파일이' : `시트 "${sheets.read}"가`} 비어 있어 제목 행조차 없습니다`,
    },
    advice: [
      { en: 'export the list again', ko: '목록을 다시 내보내 주십시오' },
      ...whereElse(table, { records: [], hasMore: false }),
    ],
  });
}

export function refuseHeader(table: ListTable, fault: HeaderFault): ListRefusedError {
  const cell =
    fault.line === null || fault.column === null ? null : table.cellName(fault.line, fault.column - 1);
  const { reason, line, column, what, advice } = fault;
  return new ListRefusedError({ reason, file: table.name, line, column, cell, what, advice });
}
