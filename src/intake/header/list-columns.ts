import type { Words } from '../../domain/language.ts';
import { parsePar } from '../../domain/identity/par.ts';
import { parseUserId } from '../../domain/identity/user-id.ts';
import type { ListAdvices } from '../list-errors.ts';
import { showHeader, showHeaderCell } from '../shown-text.ts';
import { type Field, isNamed, normaliseName, parField, userIdField } from './column-names.ts';
import { proposeColumns, shareOfValues, type RowsBelow } from './column-proposal.ts';

/** Header names from the job, or column numbers where the list has no header; null: look for the known names. */
export interface WantedColumns {
  readonly userId: string | number | null;
  readonly par: string | number | null;
}

export type FoundColumns =
  { readonly kind: 'found'; readonly userId: number; readonly par: number } | ColumnsFault;

export interface ColumnsFault {
  readonly kind: 'fault';
  readonly reason: 'column_missing' | 'column_twice' | 'column_shared';
  /** The faulty column's position, counted from 1; null where the column is missing. */
  readonly column: number | null;
  /** The other id column was found: this is the header, but it is incomplete. */
  readonly hasOther: boolean;
  readonly what: Words;
  readonly advice: ListAdvices;
}

/** What the search for the columns uses in addition to the header. */
export interface ColumnClues {
  /** The rows below the header. */
  readonly rows: RowsBelow;
  /**
   * Which names count. `known`: the known names only. `short_by_values`: also the short names where no known name is
   * there and the rows hold ids, or there are no rows that could be misread. `short`: the short names whatever the
   * rows hold.
   */
  readonly names: 'known' | 'short_by_values' | 'short';
}

/**
 * Share of ids from which a column with a short name counts. A column of login names has some that are all digits; a
 * column of ids hardly has other values.
 */
const FEWEST_VALUES = 0.9;

const NO_CLUES: ColumnClues = { rows: [], names: 'known' };

/** Finds the two columns by name, never by position. Looks at their content only for a short name. */
export function findColumns(
  header: readonly string[],
  wanted: WantedColumns,
  clues: ColumnClues = NO_CLUES,
): FoundColumns {
  const userId = findMatches(header, userIdField, wanted.userId, clues);
  const par = findMatches(header, parField, wanted.par, clues);
  const [userIdIndex, parIndex] = [onlyOne(userId), onlyOne(par)];
  if (userIdIndex === null) {
    const search = { header, clues, wanted: wanted.userId, matches: userId, other: parIndex };
    return faultOf(userIdField, search);
  }
  if (parIndex === null) {
    return faultOf(parField, { header, clues, wanted: wanted.par, matches: par, other: userIdIndex });
  }
  if (userIdIndex !== parIndex) return { kind: 'found', userId: userIdIndex, par: parIndex };
  const name = showHeaderCell(header[parIndex] ?? '');
  return {
    kind: 'fault',
    reason: 'column_shared',
    column: parIndex + 1,
    hasOther: true,
    what: {
      en: `"${name}" is named for both the user id and the PAR`,
      ko: `"${name}" 열이 회원번호와 PAR 양쪽으로 지정되었습니다`,
    },
    advice: {
      en: 'the user id and the PAR need a column each',
      ko: '회원번호와 PAR은 서로 다른 열에 있어야 합니다',
      atTerminal: {
        en: 'name two columns in list.columns of the job file, or with --map',
        ko: '작업 파일의 list.columns나 --map으로 두 열을 지정해 주십시오',
      },
    },
  };
}

/**
 * Returns the two columns of a list without a header. The configuration has checked that both are given by number.
 */
export function numberedColumns(
  width: number,
  wanted: WantedColumns,
  row: 'first' | 'widest' = 'first',
): FoundColumns {
  const [userId, par] = [Number(wanted.userId) - 1, Number(wanted.par) - 1];
  if (userId < width && par < width) return { kind: 'found', userId, par };
  const asked = Math.max(userId, par) + 1;
  return {
    kind: 'fault',
    reason: 'column_missing',
    column: null,
    hasOther: false,
    what: {
      en: `column ${asked} was asked for, but the ${row} row has ${width === 1 ? '1 cell' : `${width} cells`}`,
      ko: `${asked}번째 열을 지정했는데 ${row === 'first' ? '첫' : '가장 긴'} 행은 ${width}칸입니다`,
    },
    advice: {
      en: 'correct the column numbers in list.columns of the job file',
      ko: '작업 파일 list.columns의 열 번호를 고쳐 주십시오',
    },
  };
}

/** Returns the positions of all columns that may be the field. */
function findMatches(
  header: readonly string[],
  field: Field,
  wanted: string | number | null,
  { rows, names }: ColumnClues,
): number[] {
  if (wanted !== null) return matchWanted(header, String(wanted));
  const known = indexesWhere(header, (cell) => isNamed(cell, field, field.names));
  if (known.length > 0 || names === 'known') return known;
  const short = indexesWhere(header, (cell) => isNamed(cell, field, field.shortNames));
  if (names === 'short' || rows.length === 0) return short;
  return short.filter((index) => shareOfValues(field, index, rows) >= FEWEST_VALUES);
}

function onlyOne(matches: readonly number[]): number | null {
  return matches.length === 1 ? (matches[0] ?? null) : null;
}

/** Prefers an exactly equal name over one that is equal only after normalising. */
function matchWanted(header: readonly string[], wanted: string): number[] {
  const exact = indexesWhere(header, (cell) => isSameName(cell, wanted));
  if (exact.length > 0) return exact;
  const name = normaliseName(wanted);
  return indexesWhere(header, (cell) => name !== '' && normaliseName(cell) === name);
}

/** Compares in one Unicode form, because a file from macOS may write Hangul in decomposed form. */
function isSameName(cell: string, wanted: string): boolean {
  return cell.trim().normalize('NFC') === wanted.trim().normalize('NFC');
}

function indexesWhere(header: readonly string[], test: (cell: string) => boolean): number[] {
  return header.flatMap((cell, index) => (test(cell) ? [index] : []));
}

interface FailedSearch {
  readonly header: readonly string[];
  readonly clues: ColumnClues;
  readonly wanted: string | number | null;
  readonly matches: readonly number[];
  /** Position of the other column; null where it was not found either. */
  readonly other: number | null;
}

function faultOf(field: Field, search: FailedSearch): ColumnsFault {
  return search.matches.length === 0 ? missing(field, search) : twice(field, search);
}

function twice(field: Field, { header, clues, matches, other }: FailedSearch): ColumnsFault {
  const names = showHeader(matches.map((index) => header[index] ?? ''));
  const proposal = proposeColumns(header, field, clues.rows, { taken: other, candidates: matches });
  return {
    kind: 'fault',
    reason: 'column_twice',
    column: (matches[1] ?? 0) + 1,
    hasOther: other !== null,
    what: {
      en: `${matches.length} columns may be the ${field.title}: ${names}`,
      ko: `${field.titleKo} 열일 수 있는 것이 ${matches.length}개입니다: ${names}`,
    },
    advice: { en: 'leave one of them', ko: '하나만 남겨 주십시오', atTerminal: proposal },
  };
}

function missing(field: Field, { header, clues, wanted, other }: FailedSearch): ColumnsFault {
  const seen = showHeader(header);
  const name = wanted === null ? null : showHeaderCell(String(wanted));
  const what =
    name === null
      ? {
          en: `no column has a known name for the ${field.title}; headers seen: ${seen}`,
          ko: `${field.titleKo}(으)로 알려진 이름의 열이 없습니다. 읽은 제목: ${seen}`,
        }
      : {
          en: `no column is named "${name}" for the ${field.title}; headers seen: ${seen}`,
          ko: `${field.titleKo} 열로 지정한 "${name}"이(가) 없습니다. 읽은 제목: ${seen}`,
        };
  const fault = { kind: 'fault', reason: 'column_missing', column: null, hasOther: other !== null } as const;
  if (looksLikeData(header)) return { ...fault, what: likeData(what), advice: ADD_HEADER };
  const proposal = proposeColumns(header, field, clues.rows, { taken: other, candidates: [] });
  return {
    ...fault,
    what,
    advice: {
      en: `name that column ${field.example}`,
      ko: `그 열의 제목을 ${field.example}로 바꾸어 주십시오`,
      atTerminal: proposal,
    },
  };
}

function likeData({ en, ko }: Words): Words {
  return {
    en: `${en}, which looks like a member's row and not like a header`,
    ko: `${ko} (제목 행이 아니라 회원 행으로 보입니다)`,
  };
}

const ADD_HEADER: Words = {
  en: 'put a header line such as user_id,par above the rows',
  ko: '회원 행 위에 user_id,par 같은 제목 행을 넣어 주십시오',
};

function looksLikeData(header: readonly string[]): boolean {
  return header.some((cell) => typeof parseUserId(cell) === 'string' || typeof parsePar(cell) === 'string');
}
