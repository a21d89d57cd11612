import { openEmbeddedLedger, type EmbeddedLedger } from './embedded-ledger.ts';
import { migrateLedger } from './migrate.ts';
import { openServerLedger, type ServerLedger } from './server-ledger.ts';

export type LedgerAddress =
  { readonly kind: 'server'; readonly url: string } | { readonly kind: 'embedded'; readonly folder: string };

export type OpenLedger = ServerLedger | EmbeddedLedger;

/** Opens the ledger and brings its schema up to date. Rejects with LedgerError; nothing stays open then. */
export async function openLedger(address: LedgerAddress): Promise<OpenLedger> {
  return (await openLedgerTold(address)).ledger;
}

/** The same, with the names of the migrations that were missing. */
export async function openLedgerTold(
  address: LedgerAddress,
): Promise<{ readonly ledger: OpenLedger; readonly applied: readonly string[] }> {
  const ledger =
    address.kind === 'server' ? openServerLedger(address.url) : await openEmbeddedLedger(address.folder);
  try {
    const { applied } = await migrateLedger(ledger);
    return { ledger, applied };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}
