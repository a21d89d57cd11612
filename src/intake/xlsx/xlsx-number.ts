/** A spreadsheet keeps 15 significant digits; nobody typed the digits behind them. */
const KEPT_DIGITS = 15;

/** No double is larger than 10^324 or smaller than 10^-324; a larger exponent is not written out. */
const MAX_EXPONENT = 400;

export interface StoredNumber {
  readonly text: string;
  /** The number has more digits than a spreadsheet keeps, so it may have been rounded. */
  readonly isLong: boolean;
}

/** A number's digits without sign and leading zeros, and the position of its point. */
interface Decimal {
  readonly sign: '-' | '';
  /** Digits without zeros at either end; empty for zero. */
  readonly digits: string;
  /** Number of digits before the point; it may be negative, or larger than the number of digits. */
  readonly point: number;
}

/**
 * Reads a number as a sheet stores it. An integer is read digit by digit, because a JavaScript number would round it.
 * A fraction becomes the shortest text of the same number, because 0.1 is stored as 0.10000000000000001. Text that is
 * not a number stays as it is.
 */
export function readStoredNumber(stored: string): StoredNumber {
  const decimal = parseDecimal(stored);
  if (decimal === null) return { text: stored, isLong: false };
  if (Math.abs(decimal.point) > MAX_EXPONENT) return { text: stored, isLong: true };
  if (isInteger(decimal) || decimal.point > KEPT_DIGITS) return describe(decimal);
  const shortest = parseDecimal(String(Number(stored)));
  return describe(shortest ?? decimal);
}

function describe(decimal: Decimal): StoredNumber {
  const isLong = Math.max(decimal.digits.length, decimal.point) > KEPT_DIGITS;
  return { text: writeDecimal(decimal), isLong };
}

function isInteger({ digits, point }: Decimal): boolean {
  return digits.length <= point || digits === '';
}

function parseDecimal(text: string): Decimal | null {
  const [, minus, whole = '', fraction = '', exponent = '0'] =
    /^(?:\+|(-))?([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,9}))?$/.exec(text) ?? [];
  const written = whole + fraction;
  if (written === '') return null;
  const digits = written.replace(/^0+/, '');
  const significant = trimZeros(digits);
  if (significant === '') return { sign: '', digits: '', point: 0 };
  const point = whole.length - (written.length - digits.length) + Number(exponent);
  return { sign: minus === undefined ? '' : '-', digits: significant, point };
}

/** Removes zeros at the end. A pattern would need quadratic time on a long run of zeros. */
function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

function writeDecimal({ sign, digits, point }: Decimal): string {
  if (digits === '') return '0';
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (digits.length <= point) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
