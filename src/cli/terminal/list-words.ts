import { quoteName } from '../../domain/untrusted-text.ts';
import { showHeader } from '../../intake/shown-text.ts';
import type { ListRead } from '../../run/list-facts.ts';

/** Returns how a list was read, one line for each thing a person should look at. */
export function formatListRead(list: ListRead): string[] {
  return [
    readAs(list),
    ...unreadSheets(list),
    ...putRight(list),
    ...notRows(list),
    ...fromFormulas(list),
    ...zeroEnded(list),
    ...manyCards(list),
    ...headings(list),
    ...swallowing(list),
    ...openEnd(list),
  ];
}

function readAs(list: ListRead): string {
  const header = list.headerLine === null ? 'columns' : `header in line ${list.headerLine}:`;
  const columns = `${header} user id ${showHeader([list.columns.userId])}, PAR ${showHeader([list.columns.par])}`;
  const parts = [formatOf(list), ...delimiterOf(list), columns];
  if (list.handedBack) parts.push('one of our own result files, handed back');
  return `read ${quoteName(list.name)}: ${parts.join(' · ')}`;
}

function formatOf({ format, encoding, verdict, sheets }: ListRead): string {
  if (format === 'xlsx') return `Excel workbook${sheets === null ? '' : `, sheet "${sheets.read}"`}`;
  if (verdict === null) return 'Postgres';
  const samples = verdict.samples.length === 0 ? '' : ` such as ${verdict.samples.join(', ')}`;
  return `${encoding.toUpperCase()} (${reasons[verdict.how]})${samples}`;
}

const reasons: Readonly<Record<NonNullable<ListRead['verdict']>['how'], string>> = {
  given: 'as told',
  mark: 'by its mark',
  ascii: 'plain ASCII',
  'utf-8': 'valid throughout',
  cp949: 'it is not UTF-8',
  accident: 'as UTF-8 it would have no Hangul; if this looks wrong, give --encoding utf-8',
};

const delimiterNames: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'pipe',
};

function delimiterOf({ delimiter }: ListRead): string[] {
  return delimiter === '' ? [] : [delimiterNames[delimiter] ?? `delimiter ${delimiter}`];
}

/** Names the sheets that are not read, because members may stand on them too. */
function unreadSheets({ sheets }: ListRead): string[] {
  if (sheets === null || sheets.unread.length === 0) return [];
  const hidden = sheets.hidden.length === 0 ? '' : `; hidden of them: ${showHeader(sheets.hidden)}`;
  return [`  sheets not read: ${showHeader(sheets.unread)}${hidden}`];
}

const normalisationNames: Readonly<Record<string, string>> = {
  full_width: 'full-width characters',
  no_break_space: 'no-break spaces around',
  zero_width: 'invisible characters',
  byte_order_mark: 'a byte order mark inside',
  text_formula: 'written as ="…"',
  apostrophe: 'a leading apostrophe',
  decimal_zero: 'a decimal .0',
  leading_zeros: 'leading zeros of a user id',
};

function putRight({ normalised }: ListRead): string[] {
  const kinds = Object.entries(normalised).map(
    ([kind, cells]) => `${cells} with ${normalisationNames[kind] ?? kind}`,
  );
  return kinds.length === 0 ? [] : [`  ids corrected; removed before sending: ${kinds.join(', ')}`];
}

function notRows({ blankLines, titleLines, headerLines, totalsLines, noteLines }: ListRead): string[] {
  const kinds = [
    [blankLines, 'blank'],
    [titleLines, 'title'],
    [headerLines, 'header again, as in files that were joined'],
    [totalsLines, 'totals'],
    [noteLines, 'without ids, below the list or beside it'],
  ] as const;
  const told = kinds.filter(([lines]) => lines > 0).map(([lines, kind]) => `${lines} ${kind}`);
  return told.length === 0 ? [] : [`  lines that do not count as rows: ${told.join(', ')}`];
}

function fromFormulas({ formulas }: ListRead): string[] {
  if (formulas === 0) return [];
  const what = formulas === 1 ? '1 id is the result of a formula' : `${formulas} ids are results of formulas`;
  return [`  ${what}, as it was when the workbook was last saved`];
}

function zeroEnded({ zeroEnded: found }: ListRead): string[] {
  if (found === null) return [];
  const ids = found.ids === null ? '' : ` of ${found.ids}`;
  return [
    `  ${found.zeroEnded}${ids} ids with ${found.length} digits end in zeros, as if a spreadsheet had rounded them; accepted as they are (list.idsMayEndInZeros)`,
  ];
}

function manyCards({ manyCards: found }: ListRead): string[] {
  if (found === null) return [];
  const { kind, userId, cards, firstLine } = found;
  const sign = kind === 'rounded' ? ' and ends in zeros, as if a spreadsheet had rounded it' : '';
  return [`  user id ${userId} (line ${firstLine}) has ${cards} different PARs${sign}; accepted as it is`];
}

function headings({ headings: found }: ListRead): string[] {
  if (found === null) return [];
  const what =
    found.lines === 1
      ? `line ${found.firstLine} reads like a heading between members and is rejected`
      : `${found.lines} lines read like headings between members and are rejected, first line ${found.firstLine}`;
  return [`  ${what}; check that the members below should be enrolled`];
}

function swallowing({ swallowingCells: cells }: ListRead): string[] {
  if (cells === 0) return [];
  const what = cells === 1 ? '1 cell holds whole rows' : `${cells} cells hold whole rows`;
  return [`  ${what} of the list; accepted as ${cells === 1 ? 'a cell' : 'cells'} (--yes)`];
}

function openEnd({ openEnd: end }: ListRead): string[] {
  if (end === null) return [];
  const id = end.field === 'userId' ? 'a user id' : 'a PAR';
  return [
    `  the file ends in line ${end.line} without a line end, inside ${id}; check that this line is complete`,
  ];
}
