import type { Language, Words } from '../../domain/language.ts';
import { quoteName } from '../../domain/untrusted-text.ts';
import type { ListFormat } from '../../intake/list-format.ts';
import { showHeader } from '../../intake/shown-text.ts';
import type { ListRead } from '../list-facts.ts';

/**
 * Tells how a list was read, in one sentence for each thing a person should look at. The first sentence names the list.
 */
export function tellListRead(list: ListRead, language: Language): string[] {
  const found = [
    resemblingResult(list),
    unreadSheets(list),
    putRight(list, language),
    notRows(list, language),
    fromFormulas(list),
    zeroEnded(list),
    manyCards(list),
    headings(list),
    swallowing(list),
    openEnd(list),
  ];
  return [readAs(list, language), ...found.flatMap((words) => words?.[language] ?? [])];
}

function readAs(list: ListRead, language: Language): string {
  const [userId, par] = [showHeader([list.columns.userId]), showHeader([list.columns.par])];
  const line = list.headerLine;
  const columns = {
    en: `${line === null ? 'columns' : `header in line ${line}:`} user id ${userId}, PAR ${par}`,
    ko: `${line === null ? '열' : `머리글 ${line}행:`} 회원번호 ${userId}, PAR ${par}`,
  };
  const ours = { en: 'one of our own result files, handed back', ko: '결과 파일을 다시 제출한 것' };
  const parts = [formatOf(list, language), ...delimiterOf(list, language), columns[language]];
  if (list.handedBack) parts.push(ours[language]);
  return `${{ en: 'read', ko: '읽은 파일' }[language]} ${quoteName(list.name)}: ${parts.join(' · ')}`;
}

/** Tells how a list was read, as far as that is known before its header is. */
export function tellFormat(list: ListFormat, language: Language): string {
  return [formatOf(list, language), ...delimiterOf(list, language)].join(' · ');
}

function formatOf({ format, encoding, verdict, sheets }: ListFormat, language: Language): string {
  if (format === 'xlsx') {
    const book = { en: 'Excel workbook', ko: 'Excel 통합 문서' }[language];
    const sheet = { en: 'sheet', ko: '시트' }[language];
    return `${book}${sheets === null ? '' : `, ${sheet} "${sheets.read}"`}`;
  }
  if (verdict === null) return 'Postgres';
  const such = verdict.samples.join(', ');
  const samples = such === '' ? '' : { en: ` such as ${such}`, ko: ` 예: ${such}` }[language];
  return `${encoding.toUpperCase()} (${reasons[verdict.how][language]})${samples}`;
}

const reasons: Readonly<Record<NonNullable<ListRead['verdict']>['how'], Words>> = {
  given: { en: 'as told', ko: '지정된 대로' },
  mark: { en: 'by its mark', ko: '파일의 표식에 따라' },
  ascii: { en: 'plain ASCII', ko: '영문과 숫자뿐' },
  'utf-8': { en: 'valid throughout', ko: '처음부터 끝까지 올바름' },
  cp949: { en: 'it is not UTF-8', ko: 'UTF-8이 아님' },
  accident: {
    en: 'as UTF-8 it would have no Hangul; if this looks wrong, give --encoding utf-8',
    ko: 'UTF-8로 읽으면 한글이 없음. 글자가 이상하면 --encoding utf-8',
  },
};

const delimiterNames: Readonly<Record<string, Words>> = {
  ',': { en: 'comma', ko: '쉼표 구분' },
  ';': { en: 'semicolon', ko: '세미콜론 구분' },
  '\t': { en: 'tab', ko: '탭 구분' },
  '|': { en: 'pipe', ko: '세로줄 구분' },
};

function delimiterOf({ delimiter }: ListFormat, language: Language): string[] {
  if (delimiter === '') return [];
  const other = { en: `delimiter ${delimiter}`, ko: `구분자 ${delimiter}` };
  return [(delimiterNames[delimiter] ?? other)[language]];
}

/** A person who corrected such a file expects its rows to be called again. */
function resemblingResult({ resemblesResult }: ListRead): Words | null {
  if (!resemblesResult) return null;
  return {
    en: 'it has columns of our result files, but does not end in all of them in their order, so it is no list handed back: rows whose result is kept are not called again; to hand it back, put columns of your own to the left of "line" and leave ours as they were',
    ko: '결과 파일의 열이 있지만 그 열들이 원래 순서대로 맨 오른쪽에 있지 않아 다시 제출한 목록으로 보지 않습니다. 결과가 남아 있는 행은 다시 호출하지 않습니다. 다시 제출하려면 추가한 열을 "line" 왼쪽으로 옮기고 결과 파일의 열은 원래대로 두십시오',
  };
}

/** Names the sheets that are not read, because members may stand on them too. */
function unreadSheets({ sheets }: ListRead): Words | null {
  if (sheets === null || sheets.unread.length === 0) return null;
  const [unread, hidden] = [showHeader(sheets.unread), showHeader(sheets.hidden)];
  const isHidden = sheets.hidden.length > 0;
  return {
    en: `sheets not read: ${unread}${isHidden ? `; hidden of them: ${hidden}` : ''}`,
    ko: `읽지 않은 시트: ${unread}${isHidden ? `. 그중 숨겨진 시트: ${hidden}` : ''}`,
  };
}

const normalisationNames: Readonly<Record<string, Words>> = {
  full_width: { en: 'full-width characters', ko: '전각 문자' },
  no_break_space: { en: 'no-break spaces around', ko: '앞뒤의 특수 공백' },
  zero_width: { en: 'invisible characters', ko: '보이지 않는 문자' },
  byte_order_mark: { en: 'a byte order mark inside', ko: '중간에 들어간 BOM' },
  text_formula: { en: 'written as ="…"', ko: '="…" 형식' },
  apostrophe: { en: 'a leading apostrophe', ko: '앞의 작은따옴표' },
  decimal_zero: { en: 'a decimal .0', ko: '끝의 .0' },
  leading_zeros: { en: 'leading zeros of a user id', ko: '회원번호 앞의 0' },
};

function putRight({ normalised }: ListRead, language: Language): Words | null {
  const entries = Object.entries(normalised);
  if (entries.length === 0) return null;
  const kinds = entries.map(([kind, cells]) => ({
    cells,
    name: normalisationNames[kind]?.[language] ?? kind,
  }));
  return {
    en: `ids corrected; removed before sending: ${kinds.map(({ cells, name }) => `${cells} with ${name}`).join(', ')}`,
    ko: `바로잡아 보내는 ID: ${kinds.map(({ cells, name }) => `${name} ${cells}건`).join(', ')}`,
  };
}

function notRows(list: ListRead, language: Language): Words | null {
  const kinds = [
    [list.blankLines, { en: 'blank', ko: '빈 줄' }],
    [list.titleLines, { en: 'title', ko: '제목' }],
    [
      list.headerLines,
      { en: 'header again, as in files that were joined', ko: '반복된 머리글(파일을 이어 붙인 경우)' },
    ],
    [list.totalsLines, { en: 'totals', ko: '합계' }],
    [list.noteLines, { en: 'without ids, below the list or beside it', ko: '명단 아래나 옆의 ID 없는 줄' }],
  ] as const;
  const told = kinds.filter(([lines]) => lines > 0);
  if (told.length === 0) return null;
  const parts = told.map(([lines, kind]) =>
    language === 'en' ? `${lines} ${kind.en}` : `${kind.ko} ${lines}줄`,
  );
  return {
    en: `lines that do not count as rows: ${parts.join(', ')}`,
    ko: `행으로 세지 않은 줄: ${parts.join(', ')}`,
  };
}

function fromFormulas({ formulas }: ListRead): Words | null {
  if (formulas === 0) return null;
  const what = formulas === 1 ? '1 id is the result of a formula' : `${formulas} ids are results of formulas`;
  return {
    en: `${what}, as it was when the workbook was last saved`,
    ko: `수식의 결과인 ID ${formulas}건: 통합 문서를 마지막으로 저장했을 때의 값입니다`,
  };
}

function zeroEnded({ zeroEnded: found }: ListRead): Words | null {
  if (found === null) return null;
  const { ids, zeroEnded: ended, length } = found;
  return {
    en: `${ended}${ids === null ? '' : ` of ${ids}`} ids with ${length} digits end in zeros, as if a spreadsheet had rounded them; accepted as they are (list.idsMayEndInZeros)`,
    ko: `${length}자리 ID ${ids === null ? '' : `${ids}건 중 `}${ended}건이 스프레드시트를 거친 것처럼 0으로 끝나지만 그대로 받아들였습니다(list.idsMayEndInZeros)`,
  };
}

function manyCards({ manyCards: found }: ListRead): Words | null {
  if (found === null) return null;
  const { kind, userId, cards, firstLine } = found;
  const isRounded = kind === 'rounded';
  return {
    en: `user id ${userId} (line ${firstLine}) has ${cards} different PARs${isRounded ? ' and ends in zeros, as if a spreadsheet had rounded it' : ''}; accepted as it is`,
    ko: `회원번호 ${userId}(${firstLine}행)에 서로 다른 PAR이 ${cards}개${isRounded ? '이고 스프레드시트를 거친 것처럼 0으로 끝나지만' : ' 있지만'} 그대로 받아들였습니다`,
  };
}

function headings({ headings: found }: ListRead): Words | null {
  if (found === null) return null;
  const { lines, firstLine } = found;
  const what =
    lines === 1
      ? `line ${firstLine} reads like a heading between members and is rejected`
      : `${lines} lines read like headings between members and are rejected, first line ${firstLine}`;
  return {
    en: `${what}; check that the members below should be enrolled`,
    ko: `회원 사이의 소제목처럼 보이는 줄 ${lines}개(첫 줄 ${firstLine}행)를 제외했습니다. 그 아래 회원이 대상이 맞는지 확인해 주십시오`,
  };
}

function swallowing({ swallowingCells: cells }: ListRead): Words | null {
  if (cells === 0) return null;
  const what = cells === 1 ? '1 cell holds whole rows' : `${cells} cells hold whole rows`;
  return {
    en: `${what} of the list; accepted as ${cells === 1 ? 'a cell' : 'cells'} (--yes)`,
    ko: `셀 ${cells}개에 명단의 행이 통째로 들어 있지만 하나의 셀로 받아들였습니다(--yes)`,
  };
}

function openEnd({ openEnd: end }: ListRead): Words | null {
  if (end === null) return null;
  const isUserId = end.field === 'userId';
  return {
    en: `the file ends in line ${end.line} without a line end, inside ${isUserId ? 'a user id' : 'a PAR'}; check that this line is complete`,
    ko: `파일이 ${end.line}행의 ${isUserId ? '회원번호' : 'PAR'}에서 줄바꿈 없이 끝납니다. 그 줄이 온전한지 확인해 주십시오`,
  };
}
