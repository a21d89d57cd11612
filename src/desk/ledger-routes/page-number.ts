import { DeskProblemError } from '../server/desk-problem-error.ts';

/** A number out of an address; null: there is none. Rejects what is no such number. */
export function numberOf(text: unknown): number | null {
  if (text === undefined) return null;
  if (typeof text !== 'string' || !/^\d{1,9}$/.test(text)) throw new DeskProblemError('not_found');
  return Number(text);
}
