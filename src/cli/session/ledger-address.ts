import type { Configuration } from '../../config/configuration.ts';
import type { LedgerAddress } from '../../ledger/engine/open-ledger.ts';

/** With the password in it: for the ledger alone. */
export function ledgerAddressOf(database: Configuration['database']): LedgerAddress {
  if (database.kind === 'embedded') return database;
  return { kind: 'server', url: database.url.reveal(), from: database.from };
}
