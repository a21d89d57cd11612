import { checkFolder } from '../../config/setup/check-folder.ts';
import type { SetUp } from '../../config/setup/inspect-set-up.ts';
import type { Finding } from '../../domain/setup/finding.ts';
import { inspectClock } from '../../dispatch/guards/clock-watch.ts';
import { inspectLedger } from '../../ledger/inspection/inspect-ledger.ts';
import type { Host } from '../host.ts';
import { ledgerAddressOf } from './ledger-address.ts';

/** Checks the ledger and a server's clock: leases and heartbeats go by that clock, the times of calls by ours. */
export async function inspectLedgerAndClock(
  { database }: SetUp,
  { clock }: Pick<Host, 'clock'>,
  stop: AbortSignal,
): Promise<readonly Finding[]> {
  if (database === null) return [];
  const address = ledgerAddressOf(database);
  const inspected = await inspectLedger(address, { now: () => clock.now(), stop });
  const place = database.kind === 'embedded' ? await checkFolder('ledger', database.folder) : [];
  const [told] = inspected.findings;
  // The first finding names the place, even where there is no ledger yet.
  const room = place.filter(({ level, about }) => level === 'fail' || about !== told?.about);
  if (inspected.clock === null) return [...inspected.findings, ...room];
  const { theirs, askedAt, heardAt } = inspected.clock;
  return [
    ...inspected.findings,
    inspectClock('ledger', { serverDate: theirs, sentAt: askedAt }, heardAt),
  ].flatMap((finding) => finding ?? []);
}
