import { LONGEST_NOTE, tidyNote } from '../domain/untrusted-text.ts';
import type { Host } from './host.ts';
import { UsageError } from './usage-error.ts';

/** Returns the user who decides something, and the machine, in the form that the ledger keeps. */
export function userAtHost({ me }: Pick<Host, 'me'>): string {
  return `${me.user}@${me.host}`;
}

/**
 * Returns a person's reason as the ledger keeps it; empty where none was given. Throws UsageError where it is too
 * long.
 */
export function checkNote(note: string | undefined): string {
  const said = tidyNote(note ?? '');
  if (Array.from(said).length > LONGEST_NOTE)
    throw new UsageError(`--note: expected ${LONGEST_NOTE} characters at most`);
  return said;
}
