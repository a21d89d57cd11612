/** One of the two id columns: its names, and when a header cell counts as one of them. */
export interface Field {
  readonly key: 'userId' | 'par';
  /** The column's name in messages. */
  readonly title: string;
  readonly titleKo: string;
  readonly example: string;
  /** Header names of this column, normalised. */
  readonly names: readonly string[];
  /**
   * Normalised names that may also mean something else, such as a login name. They count only where no header cell is
   * one of `names` and the first rows hold ids.
   */
  readonly shortNames: readonly string[];
}

export const userIdField: Field = {
  key: 'userId',
  title: 'user id',
  titleKo: '회원번호',
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
  shortNames: ['아이디', '회원코드', '유저번호', 'mbrno', 'uid'],
};

export const parField: Field = {
  key: 'par',
  title: 'PAR',
  titleKo: 'PAR',
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
  shortNames: ['par번호', 'parno'],
};

/**
 * Normalised words that may stand in brackets beside a name without changing what the column holds. `*` normalises to
 * nothing.
 */
export const glosses: readonly string[] = ['id', 'no', '번호', '필수', '27자리'];

/** Normalises a header name: full-width forms, letter case, blanks and punctuation make no difference. */
export function normaliseName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Returns whether a header cell is one of `names` of its field, alone or with a gloss in brackets, in either order:
 * `회원번호(user_id)`, `(필수) PAR`. A gloss that is neither a name of the field nor one of `glosses` may reverse the
 * meaning (구, 해지, old), so such a cell does not count.
 */
export function isNamed(cell: string, field: Field, names: readonly string[]): boolean {
  const whole = normaliseName(cell);
  if (whole === '') return false;
  if (names.includes(whole)) return true;
  const parts = partsOf(cell);
  if (parts.length < 2) return false;
  const isOfField = (part: string): boolean => field.names.includes(part) || field.shortNames.includes(part);
  return (
    parts.some((part) => names.includes(part)) &&
    parts.every((part) => isOfField(part) || glosses.includes(part))
  );
}

/** Matches the innermost brackets first, so that nested brackets are taken apart too. */
const BRACKETS =
  /\(([^()]*)\)|\[([^[\]]*)\]|\{([^{}]*)\}|<([^<>]*)>|【([^【】]*)】|〔([^〔〕]*)〕|「([^「」]*)」/g;

/** Returns the normalised text outside all brackets and inside each pair, without empty parts. */
function partsOf(cell: string): string[] {
  const inside: string[] = [];
  let outside = cell.normalize('NFKC');
  for (let before = ''; before !== outside;) {
    before = outside;
    outside = outside.replace(BRACKETS, (...groups: readonly unknown[]) => {
      inside.push(groups.slice(1, -2).find((group) => typeof group === 'string') ?? '');
      return ' ';
    });
  }
  return [outside, ...inside].map(normaliseName).filter((part) => part !== '');
}
