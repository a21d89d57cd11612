declare const userIdBrand: unique symbol;

/**
 * A member's id at the provider: 1 to 19 decimal digits, not zero, no leading zero.
 * It does not fit a JavaScript number nor a Postgres bigint, so it stays text from end to end.
 * Source: register-api.txt (userId, Max 19) and its sister calls (1 to 9999999999999999999).
 */
export type UserId = string & { readonly [userIdBrand]: true };

export type UserIdFault = 'user_id_missing' | 'user_id_format' | 'user_id_zero' | 'user_id_length';

const MAX_DIGITS = 19;

/**
 * Reads one cell. Surrounding blanks and leading zeros are dropped: the wire carries a JSON number,
 * which can have neither.
 */
export function parseUserId(cell: string): UserId | { readonly fault: UserIdFault } {
  const text = cell.trim();
  if (text === '') return { fault: 'user_id_missing' };
  if (!/^[0-9]+$/.test(text)) return { fault: 'user_id_format' };
  const digits = text.startsWith('0') ? text.replace(/^0+/, '') : text;
  if (digits === '') return { fault: 'user_id_zero' };
  if (digits.length > MAX_DIGITS) return { fault: 'user_id_length' };
  return digits as UserId;
}
