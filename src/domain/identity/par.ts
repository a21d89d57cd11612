declare const parBrand: unique symbol;

/**
 * Payment Account Reference: exactly 27 characters of A-Z and 0-9, a stand-in for a card number.
 * Personal data: whole only in the ledger, on the wire and in the run folder's lists.
 */
export type Par = string & { readonly [parBrand]: true };

export type ParFault = 'par_missing' | 'par_length' | 'par_lower_case' | 'par_format';

const PAR_LENGTH = 27;

/** Reads one cell. Drops surrounding blanks and keeps the letter case. */
export function parsePar(cell: string): Par | { readonly fault: ParFault } {
  const text = cell.trim();
  if (text === '') return { fault: 'par_missing' };
  if (text.length !== PAR_LENGTH) return { fault: 'par_length' };
  if (!/^[A-Z0-9]+$/.test(text)) {
    return { fault: /^[A-Za-z0-9]+$/.test(text) ? 'par_lower_case' : 'par_format' };
  }
  return text as Par;
}
