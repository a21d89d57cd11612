import { showHeader } from '../../intake/shown-text.ts';
import type { ListRead } from '../../run/list-facts.ts';

/** How a list was read, a line for each thing a person should look at. */
export function formatListRead(list: ListRead): string[] {
  return [
    readAs(list),
    ...unreadSheets(list),
    ...putRight(list),
    ...notRows(list),
    ...fromFormulas(list),
    ...zeroEnded(list),
  ];
}

function readAs(list: ListRead): string {
  const header = list.headerLine === null ? 'columns' : `header in line ${list.headerLine}:`;
  const columns = `${header} user id ${showHeader([list.columns.userId])}, PAR ${showHeader([list.columns.par])}`;
  const parts = [formatOf(list), ...delimiterOf(list), columns];
  if (list.handedBack) parts.push('a result file of ours, handed back');
  return `${list.name}: ${parts.join(' · ')}`;
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
  cp949: 'it is no UTF-8',
  accident: 'UTF-8 would read no Hangul in it; if this looks wrong, --encoding utf-8',
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

/** Members may stand on them too. */
function unreadSheets({ sheets }: ListRead): string[] {
  if (sheets === null || sheets.unread.length === 0) return [];
  return [`  sheets that are not read: ${showHeader(sheets.unread)}`];
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
  return kinds.length === 0 ? [] : [`  ids put right, and sent without: ${kinds.join(', ')}`];
}

function notRows({ blankLines, titleLines, totalsLines }: ListRead): string[] {
  const kinds = [
    [blankLines, 'blank'],
    [titleLines, 'title'],
    [totalsLines, 'totals'],
  ] as const;
  const told = kinds.filter(([lines]) => lines > 0).map(([lines, kind]) => `${lines} ${kind}`);
  return told.length === 0 ? [] : [`  lines that are no rows: ${told.join(', ')}`];
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
    `  ${found.zeroEnded}${ids} ids with ${found.length} digits end in zeros, as after a spreadsheet; taken as they are (list.idsMayEndInZeros)`,
  ];
}
