import type { Clock } from '../../domain/clock.ts';
import type { RunSignals } from '../../domain/run-signals.ts';
import type { PreparedCall, ProviderClient, SentCall } from '../../konaplate/provider-client.ts';
import { signOf } from '../gate/call-sign.ts';
import type { Permit } from '../gate/issued-permit.ts';
import type { PermitGate } from '../gate/permit-gate.ts';
import type { CallHours } from '../windows/call-hours.ts';

/**
 * How old the time in a signed call may be when it leaves. A provider refuses calls that are minutes old, and its 401
 * stops the run. A call can wait longer than that for its turn, at a few calls a minute or while the database is away.
 */
const SIGNED_FOR_MS = 60_000;

/** What a call of any kind needs. Each part is handed in, so that a test can replace it. */
export interface PlacingTools {
  readonly client: ProviderClient;
  readonly gate: PermitGate;
  /** Checked with each permit, so that nothing is sent in a blackout even if its timer fires late. */
  readonly hours: CallHours;
  /** False while another process may have taken the job over; then nothing may be sent. */
  readonly isLockFresh: () => boolean;
  readonly clock: Clock;
  readonly signals: RunSignals;
}

/** A call to make, and the statements that keep its intent. */
export interface CallIntent {
  readonly prepare: () => Promise<PreparedCall>;
  /**
   * Durable when it resolves: the call may leave from then on. False: another process has the record in hand by now.
   */
  readonly mark: (call: PreparedCall) => Promise<boolean>;
  /** The call did not leave: all is as it was before the mark. */
  readonly unmark: (call: PreparedCall) => Promise<void>;
  /** The call's bytes have left. */
  readonly left?: () => void;
}

/** left: not marked, since another process has the record; withdrawn: all is as it was before. */
export type PlacedCall =
  | { readonly kind: 'left' | 'withdrawn' }
  | { readonly kind: 'sent'; readonly call: PreparedCall; readonly sent: SentCall };

/**
 * Prepares a call, commits its intent, takes the permit, and sends. `stopping` withdraws a call that has no permit yet.
 * A call whose bytes have left is always brought to its end.
 */
export async function placeCall(
  tools: PlacingTools,
  intent: CallIntent,
  stopping: AbortSignal,
): Promise<PlacedCall> {
  const call = await intent.prepare();
  if (!(await intent.mark(call))) return { kind: 'left' };
  tools.signals.reached('sending_committed');
  const permit = await takePermit(tools, call, stopping);
  if (permit === null) {
    await intent.unmark(call);
    return { kind: 'withdrawn' };
  }
  return { kind: 'sent', call, sent: await send(tools, call, { permit, intent }) };
}

/** Returns null also where the call was signed too long ago, so that it is prepared again. */
async function takePermit(
  { gate, clock, hours, isLockFresh }: PlacingTools,
  call: PreparedCall,
  stopping: AbortSignal,
): Promise<Permit | null> {
  const permit = await gate.take(stopping);
  if (permit === null) return null;
  const now = clock.now();
  // The signed time lies in the future where the clock was put back meanwhile.
  const isSignedNow = Math.abs(now.getTime() - call.preparedAt.getTime()) <= SIGNED_FOR_MS;
  if (isSignedNow && isLockFresh() && hours.closedUntil(now) === null) return permit;
  permit.giveBack();
  return null;
}

interface Leave {
  readonly permit: Permit;
  readonly intent: CallIntent;
}

async function send(tools: PlacingTools, call: PreparedCall, { permit, intent }: Leave): Promise<SentCall> {
  const sent = await tools.client.send(call, {
    onKeptConnection: () => {
      permit.onKeptConnection();
    },
    bytesLeft: () => {
      permit.left();
      intent.left?.();
      tools.signals.reached('bytes_left');
    },
    answered: () => {
      tools.signals.reached('answered');
    },
  });
  permit.finish(signOf(sent));
  return sent;
}
