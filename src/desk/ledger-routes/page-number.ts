import { DeskProblemError } from '../server/desk-problem-error.ts';

/**
 * Parses a number in an address; null where there is none. Throws DeskProblemError where the text is no such number.
 */
export function numberOf(text: unknown): number | null {
  if (text === undefined) return null;
  if (typeof text !== 'string' || !/^\d{1,9}$/.test(text)) throw new DeskProblemError('not_found');
  return Number(text);
}
