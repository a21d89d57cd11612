import { expect } from 'vitest';
import { openLedger, type LedgerAddress } from '../../src/ledger/engine/open-ledger.ts';
import type { EnrolmentWorld } from './enrolment-world.ts';
import type { ProgramEnd } from './program.ts';

/** A list of so many records whose calls all end well. */
export interface ExpectedTruth {
  readonly records: number;
  /** Calls that may have been under way when a process lost its run: what may have been called twice. */
  readonly mayBeLost: number;
  /** Where the ledger is now; by default where it was. */
  readonly address?: LedgerAddress;
}

/** The run is complete, every record in one class, and the provider's truth is the ledger's: records and calls. */
export async function expectTruth(
  world: EnrolmentWorld,
  end: ProgramEnd,
  { records, mayBeLost, address = world.ledger.address }: ExpectedTruth,
): Promise<void> {
  expect({ exitCode: end.exitCode, stderr: end.stderr }).toMatchObject({ exitCode: 0 });
  const summary = JSON.parse(end.stdout) as { classes: Record<string, number> };
  expect(summary).toMatchObject({ state: 'complete', totalsAgree: true, list: { rowsRead: records } });
  const { enrolled = 0, recovered = 0, ...others } = summary.classes;
  expect(Object.values(others).filter((count) => count > 0)).toEqual([]);
  expect(enrolled + recovered).toBe(records);
  const calls = world.sandbox.calls();
  const truth = world.sandbox.truth().map((entry) => `${entry.userId} ${entry.par}`);
  expect(truth).toHaveLength(records);
  const ledger = await openLedger(address);
  const held = await ledger.query<{ record: string }>(
    `select user_id || ' ' || par as record from enrollment where status in ('enrolled', 'recovered')`,
  );
  const attempts = await ledger.query<{ correlation_id: string; reply_kind: string }>(
    'select correlation_id, reply_kind from attempt',
  );
  await ledger.close();
  // On a machine too busy to answer in time a call is made again; that is no work of the ledger's.
  const unanswered = attempts.filter((row) => row.reply_kind === 'no_answer');
  expect(calls.length).toBeLessThanOrEqual(records + mayBeLost + unanswered.length);
  expect(held.map((row) => row.record).toSorted()).toEqual(truth.toSorted());
  // A lost call may have left or not; of all others the provider knows, and of no more.
  const called = new Set(calls.map((call) => call.correlationId));
  const noted = new Set(attempts.map((row) => row.correlation_id));
  const lost = attempts.filter((row) => row.reply_kind === 'lost');
  expect(lost.length).toBeLessThanOrEqual(mayBeLost);
  expect([...called].filter((id) => id !== null && !noted.has(id))).toEqual([]);
  const unknown = attempts.filter((row) => row.reply_kind !== 'lost' && !called.has(row.correlation_id));
  expect(unknown).toEqual([]);
}
