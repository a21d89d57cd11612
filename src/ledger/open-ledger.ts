import { openEmbeddedLedger, type EmbeddedLedger } from './embedded-ledger.ts';
import { migrateLedger } from './migrate.ts';
import { openServerLedger, type ServerLedger } from './server-ledger.ts';

export type LedgerAddress =
  { readonly kind: 'server'; readonly url: string } | { readonly kind: 'embedded'; readonly folder: string };

export type OpenLedger = ServerLedger | EmbeddedLedger;

/** Opens the ledger and brings its schema up to date. Rejects with LedgerError; nothing stays open then. */
export async function openLedger(address: LedgerAddress): Promise<OpenLedger> {
  const ledger =
    address.kind === 'server' ? openServerLedger(address.url) : await openEmbeddedLedger(address.folder);
  try {
    await migrateLedger(ledger);
    return ledger;
  } catch (error) {
    await ledger.close();
    throw error;
  }
}
