import { maskId, maskIdsInText } from '../domain/identity/masking.ts';
import type { ShownCell } from '../domain/rejection/rejection.ts';
import { cleanUntrustedText } from '../domain/untrusted-text.ts';

const MAX_CELL = 40;
const MAX_CELLS = 12;

/** Returns a cell that should hold an id in the form messages show: masked, on one line, shortened. */
export function showMaskedCell(cell: string): string {
  const { masked, cutFrom } = cutMaskedCell(cell);
  return cutFrom === null ? `"${masked}"` : `"${masked}…" (${cutFrom} characters)`;
}

/** Returns the same masked cell as its parts. */
export function cutMaskedCell(cell: string): ShownCell {
  const characters = Array.from(cleanUntrustedText(cell, cell.length));
  const isCut = characters.length > MAX_CELL;
  return {
    masked: maskId(characters.slice(0, MAX_CELL).join('')),
    cutFrom: isCut ? characters.length : null,
  };
}

/**
 * Returns header cells as they were seen. A list without a header shows data here, so anything that may be an id is
 * masked.
 */
export function showHeader(header: readonly string[]): string {
  const shown = header.slice(0, MAX_CELLS).map((cell) => `"${showHeaderCell(cell)}"`);
  const more = header.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

export function showHeaderCell(cell: string): string {
  const text = cleanUntrustedText(cell);
  const masked = mayBeId(text) ? maskId(text) : maskIdsInText(text);
  const characters = Array.from(masked);
  return characters.length <= MAX_CELL ? masked : `${characters.slice(0, MAX_CELL).join('')}…`;
}

/** Returns whether a text is mostly digits (full-width ones too), or long and unbroken with a digit in it. */
function mayBeId(text: string): boolean {
  const digits = text.match(/\p{Nd}/gu)?.length ?? 0;
  return digits * 2 > text.length || (digits > 0 && /^\S{20,}$/.test(text));
}
