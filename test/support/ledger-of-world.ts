import { openLedger, type OpenLedger } from '../../src/ledger/engine/open-ledger.ts';
import type { EnrolmentWorld } from './enrolment-world.ts';

/** Lends the ledger of a world. Nobody else may have an embedded one open meanwhile. */
export async function withLedgerOf<Result>(
  world: Pick<EnrolmentWorld, 'ledger'>,
  work: (ledger: OpenLedger) => Promise<Result>,
): Promise<Result> {
  const ledger = await openLedger(world.ledger.address);
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}
