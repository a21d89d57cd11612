import type { ConfiguredList } from '../../config/configured-list.ts';
import type { ListLocation } from '../../intake/open-table.ts';

/** Returns where intake opens a configured list. Its reader has already put standard input into a file. */
export function locationOf(list: ConfiguredList): ListLocation {
  switch (list.kind) {
    case 'file':
      return { kind: 'file', path: list.path, sheet: list.sheet };
    case 'postgres': {
      const { urlFrom, query, table, statementTimeoutMs } = list;
      const url = list.url.reveal();
      return { kind: 'postgres', url, urlFrom, query, table, statementTimeoutMs };
    }
    case 'standard_input':
      throw new Error('Standard input was not put into a file before it was opened as a list.');
  }
}
