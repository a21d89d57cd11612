import { parsePar } from '../../domain/identity/par.ts';
import { parseUserId } from '../../domain/identity/user-id.ts';
import { showHeader, showHeaderCell } from '../shown-text.ts';

/** Header names the job gives, or column numbers where there is no header; null: found by the names below. */
export interface WantedColumns {
  readonly userId: string | number | null;
  readonly par: string | number | null;
}

export type FoundColumns =
  { readonly kind: 'found'; readonly userId: number; readonly par: number } | ColumnsFault;

export interface ColumnsFault {
  readonly kind: 'fault';
  readonly reason: 'column_missing' | 'column_twice' | 'column_shared';
  /** Position of the column at fault, 1 for the first; null where it is missing. */
  readonly column: number | null;
  /** The other of the two columns is there: this is the header, only not whole. */
  readonly hasOther: boolean;
  readonly what: string;
  readonly advice: string;
}

interface Field {
  readonly key: 'userId' | 'par';
  /** What people call it. */
  readonly title: string;
  readonly example: string;
  /** Normalised. */
  readonly names: readonly string[];
}

const userIdField: Field = {
  key: 'userId',
  title: 'user id',
  example: 'user_id',
  names: [
    'userid',
    'userno',
    'userkey',
    'usernumber',
    'memberid',
    'memberno',
    'memberkey',
    'membernumber',
    'customerid',
    'customerno',
    'custid',
    'custno',
    'customernumber',
    '회원번호',
    '회원id',
    '회원아이디',
    '회원식별번호',
    '회원고유번호',
    '회원키',
    '고객번호',
    '고객id',
    '고객아이디',
    '고객식별번호',
    '고객고유번호',
    '사용자번호',
    '사용자id',
    '사용자아이디',
    '이용자번호',
    '이용자id',
  ],
};

const parField: Field = {
  key: 'par',
  title: 'PAR',
  example: 'par',
  names: [
    'par',
    'parvalue',
    'cardpar',
    'cardtoken',
    'paymentaccountreference',
    'par값',
    '카드par',
    '카드토큰',
    '카드토큰값',
    '카드식별값',
    '카드식별값par',
    '카드식별번호',
    '카드참조값',
    '결제계정참조값',
    '결제계정참조번호',
  ],
};

/** What each column may be called, normalised; the first names are the usual ones. */
export const knownColumnNames: Readonly<Record<Field['key'], readonly string[]>> = {
  userId: userIdField.names,
  par: parField.names,
};

/** Finds the two columns by name; never by place or by content. */
export function findColumns(header: readonly string[], wanted: WantedColumns): FoundColumns {
  const userId = findColumn(header, userIdField, wanted.userId);
  const par = findColumn(header, parField, wanted.par);
  if (typeof userId !== 'number') return { ...userId, hasOther: typeof par === 'number' };
  if (typeof par !== 'number') return { ...par, hasOther: true };
  if (userId !== par) return { kind: 'found', userId, par };
  return {
    kind: 'fault',
    reason: 'column_shared',
    column: par + 1,
    hasOther: true,
    what: `"${showHeaderCell(header[par] ?? '')}" is named for both the user id and the PAR`,
    advice: 'name two columns in list.columns of the job file',
  };
}

/** The two columns of a list without a header; the configuration has made sure that both are given by number. */
export function numberedColumns(width: number, wanted: WantedColumns): FoundColumns {
  const [userId, par] = [Number(wanted.userId) - 1, Number(wanted.par) - 1];
  if (userId < width && par < width) return { kind: 'found', userId, par };
  const asked = Math.max(userId, par) + 1;
  return {
    kind: 'fault',
    reason: 'column_missing',
    column: null,
    hasOther: false,
    what: `column ${asked} was asked for and the first row has ${width === 1 ? '1 cell' : `${width} cells`}`,
    advice: 'correct the column numbers in list.columns of the job file',
  };
}

function findColumn(
  header: readonly string[],
  field: Field,
  wanted: string | number | null,
): number | ColumnsFault {
  const name = wanted === null ? null : String(wanted);
  const matches = name === null ? matchNames(header, field.names) : matchWanted(header, name);
  const [first, second] = matches;
  if (first === undefined) return missing(header, field, name);
  if (second === undefined) return first;
  const names = matches.map((index) => header[index] ?? '');
  return {
    kind: 'fault',
    reason: 'column_twice',
    column: second + 1,
    hasOther: false,
    what: `${matches.length} columns may be the ${field.title}: ${showHeader(names)}`,
    advice: `leave one of them, or give its name in list.columns.${field.key} of the job file`,
  };
}

/** A name given exactly wins over one that is alike only after normalising. */
function matchWanted(header: readonly string[], wanted: string): number[] {
  const exact = indexesWhere(header, (cell) => isSameName(cell, wanted));
  return exact.length > 0 ? exact : matchNames(header, [normaliseName(wanted)]);
}

/** A file from macOS may write Hangul in its parts. */
function isSameName(cell: string, wanted: string): boolean {
  return cell.trim().normalize('NFC') === wanted.trim().normalize('NFC');
}

function matchNames(header: readonly string[], names: readonly string[]): number[] {
  return indexesWhere(header, (cell) => {
    const name = normaliseName(cell);
    return name !== '' && names.includes(name);
  });
}

function indexesWhere(header: readonly string[], test: (cell: string) => boolean): number[] {
  return header.flatMap((cell, index) => (test(cell) ? [index] : []));
}

/** Full-width forms, letter case, blanks and punctuation make no difference. */
export function normaliseName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

function missing(header: readonly string[], field: Field, wanted: string | null): ColumnsFault {
  const called =
    wanted === null ? `like a ${field.title}` : `"${showHeaderCell(wanted)}" for the ${field.title}`;
  const seen = `no column is named ${called}, seen: ${showHeader(header)}`;
  const fault = { kind: 'fault', reason: 'column_missing', column: null, hasOther: false } as const;
  if (looksLikeData(header)) {
    const what = `${seen}, which looks like a row and not like a header`;
    return { ...fault, what, advice: 'put a header line such as user_id,par above the rows' };
  }
  const advice = `name that column ${field.example}, or give its name in list.columns.${field.key} of the job file`;
  return { ...fault, what: seen, advice };
}

function looksLikeData(header: readonly string[]): boolean {
  return header.some((cell) => typeof parseUserId(cell) === 'string' || typeof parsePar(cell) === 'string');
}
