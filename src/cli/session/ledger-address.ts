import type { Configuration } from '../../config/configuration.ts';
import type { LedgerAddress } from '../../ledger/engine/open-ledger.ts';

/** With the password in it: for the ledger alone. */
export function ledgerAddressOf(database: Configuration['database']): LedgerAddress {
  return database.kind === 'server' ? { kind: 'server', url: database.url.reveal() } : database;
}
