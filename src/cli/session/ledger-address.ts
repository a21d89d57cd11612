import type { Configuration } from '../../config/configuration.ts';
import type { LedgerAddress } from '../../ledger/engine/open-ledger.ts';

/** Returns the address with its password; only the ledger may get it. */
export function ledgerAddressOf(database: Configuration['database']): LedgerAddress {
  if (database.kind === 'embedded') return database;
  return { kind: 'server', url: database.url.reveal(), from: database.from };
}
