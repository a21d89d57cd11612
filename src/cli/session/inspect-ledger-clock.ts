import { checkFolder } from '../../config/setup/check-folder.ts';
import type { SetUp } from '../../config/setup/inspect-set-up.ts';
import type { Finding } from '../../domain/setup/finding.ts';
import { inspectClock } from '../../dispatch/guards/clock-watch.ts';
import { inspectLedger } from '../../ledger/inspection/inspect-ledger.ts';
import type { Host } from '../host.ts';
import { ledgerAddressOf } from './ledger-address.ts';

/** The ledger, and of a server its clock: leases and beats are by it, and the times of calls by ours. */
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
  // Its first line says where it is, also where there is none yet.
  const room = place.filter(({ level, about }) => level === 'fail' || about !== told?.about);
  if (inspected.clock === null) return [...inspected.findings, ...room];
  const { theirs, askedAt, heardAt } = inspected.clock;
  return [
    ...inspected.findings,
    inspectClock('ledger', { serverDate: theirs, sentAt: askedAt }, heardAt),
  ].flatMap((finding) => finding ?? []);
}
