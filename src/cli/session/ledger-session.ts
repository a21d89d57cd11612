import { loadLedgerConfiguration, type LedgerConfiguration } from '../../config/configuration.ts';
import { openLedger, tellingLoss, type OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import type { Host } from '../host.ts';
import { ledgerAddressOf } from './ledger-address.ts';

/** Shown at a terminal while the ledger is being opened. */
export const OPENING_LEDGER = 'opening the ledger';

/** Opens the ledger for a command that only reads. */
export async function withLedger<Result>(
  host: Host,
  argv: Readonly<Record<string, unknown>>,
  work: (ledger: OpenLedger, configuration: LedgerConfiguration) => Promise<Result>,
): Promise<Result> {
  const configuration = await loadLedgerConfiguration({ flags: flagsOf(argv), env: host.env, cwd: host.cwd });
  host.hide(configuration.secrets);
  host.waitsFor(OPENING_LEDGER);
  const address = ledgerAddressOf(configuration.database);
  const ledger = await openLedger(address);
  host.waitsFor('reading the ledger');
  try {
    return await tellingLoss(address, async () => await work(ledger, configuration));
  } finally {
    await ledger.close();
  }
}
