import { SMALLEST_MARGIN_MS } from '../../src/dispatch/gate/transit-margin.ts';
import { openServerLedger } from '../../src/ledger/engine/server-ledger.ts';
import type { EnrolmentWorld } from './enrolment-world.ts';

/** Departures are kept in whole milliseconds of the wall clock; arrivals are of the simulator's monotonic one. */
const CLOCKS_APART_MS = 2;

/**
 * Every call in order of arrival. On a machine too busy to read a socket within the gate's margin it counts as there by
 * then. Not so a lost call: of it the ledger knows when it was marked, which is before it waited for its permit.
 */
export async function readArrivals(world: EnrolmentWorld) {
  const ledger = openServerLedger(world.ledger.databaseUrl);
  const rows = await ledger.query<{ correlation_id: string; sent_at: Date }>(
    `select correlation_id, sent_at from attempt where reply_kind <> 'lost'`,
  );
  await ledger.close();
  const sent = new Map(rows.map((row) => [row.correlation_id, row.sent_at.getTime()]));
  const calls = world.sandbox.calls().map(({ correlationId, par, arrivedAt }) => {
    const latest = (sent.get(correlationId ?? '') ?? Infinity) + SMALLEST_MARGIN_MS - CLOCKS_APART_MS;
    return { par: par ?? '', at: Math.min(arrivedAt, latest) };
  });
  return calls.toSorted((a, b) => a.at - b.at);
}
