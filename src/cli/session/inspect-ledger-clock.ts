import { fine } from '../../domain/setup/finding.ts';
import { withinDeadline } from '../../domain/time/deadline.ts';
import { inspectEmbeddedTrail } from '../../ledger/inspection/inspect-embedded-trail.ts';
import { checkFolder } from '../../config/setup/check-folder.ts';
import type { SetUp } from '../../config/setup/inspect-set-up.ts';
import type { Finding } from '../../domain/setup/finding.ts';
import { inspectClock } from '../../dispatch/guards/clock-watch.ts';
import { inspectLedger } from '../../ledger/inspection/inspect-ledger.ts';
import type { Host } from '../host.ts';
import { ledgerAddressOf } from './ledger-address.ts';

/** A large ledger is not copied whole by a check that a person waits for. */
const LONGEST_COPY_MS = 20_000;

/** Proves the desk's audit trail of an embedded ledger. That of a server is proved with its schema. */
export async function inspectTrailOfFolder(
  { database }: SetUp,
  { clock }: Pick<Host, 'clock'>,
): Promise<readonly Finding[]> {
  if (database?.kind !== 'embedded') return [];
  const { folder } = database;
  const late = fine(
    'audit trail',
    'not looked at: it takes too long; `kona-enroll access-log --trail` proves it',
  );
  return await withinDeadline(
    clock,
    LONGEST_COPY_MS,
    async () => await inspectEmbeddedTrail(folder),
    () => [late],
  );
}

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
