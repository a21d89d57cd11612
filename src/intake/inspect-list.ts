import { messageOf } from '../domain/error-words.ts';
import { fault, fine, type Finding } from '../domain/setup/finding.ts';
import { maskIdsInText } from '../domain/identity/masking.ts';
import {
  ListNotFoundError,
  ListRefusedError,
  SourceQueryError,
  SourceUnavailableError,
} from './list-errors.ts';
import { openList, type ListOptions } from './open-list.ts';
import type { ListLocation } from './open-table.ts';
import { showHeader } from './shown-text.ts';

/**
 * Checks that a list opens, and names the columns it would be read by. Computes no row of a query, and reads a file
 * only as far as its header. Any reason not to read the list becomes a finding.
 */
export async function inspectList(location: ListLocation, options: ListOptions): Promise<Finding> {
  try {
    const { name, header, columns } = await openList(location, options);
    const userId = showHeader([header[columns.userId] ?? '']);
    const par = showHeader([header[columns.par] ?? '']);
    return fine('list', `${name}: user id in ${userId}, PAR in ${par}`);
  } catch (error) {
    const isKnown =
      error instanceof ListRefusedError ||
      error instanceof ListNotFoundError ||
      error instanceof SourceQueryError ||
      error instanceof SourceUnavailableError;
    if (!isKnown) throw error;
    return fault('list', maskIdsInText(messageOf(error)));
  }
}
