import type { Clock } from '../../domain/clock.ts';
import type { RunSignals } from '../../domain/run-signals.ts';
import type { PreparedCall, ProviderClient, SentCall } from '../../konaplate/provider-client.ts';
import { signOf } from '../gate/call-sign.ts';
import type { Permit } from '../gate/issued-permit.ts';
import type { PermitGate } from '../gate/permit-gate.ts';
import type { CallHours } from '../windows/call-hours.ts';

/**
 * How old the time in a signed call may be when it leaves. Providers refuse what is minutes old, and 401 stops a run;
 * with a rate of few calls a minute, or a database that is away, a call waits longer than that for its turn.
 */
const SIGNED_FOR_MS = 60_000;

/** What a call of any kind needs; handed down, so that each part can be another in a test. */
export interface PlacingTools {
  readonly client: ProviderClient;
  readonly gate: PermitGate;
  /** Asked for with each permit: in a blackout nothing may be sent, however late its timer is. */
  readonly hours: CallHours;
  /** False while somebody may have taken the job over: nothing may be sent. */
  readonly isLockFresh: () => boolean;
  readonly clock: Clock;
  readonly signals: RunSignals;
}

/** One call to be made, and how its intent is kept. */
export interface CallIntent {
  readonly prepare: () => Promise<PreparedCall>;
  /** Durable when it resolves: the call may leave from then on. False: another process has the record in hand by now. */
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
 * Prepare, commit the intent, take the permit, send. `stopping` withdraws a call that has no permit yet; one whose bytes
 * have left is always brought to its end.
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

/** Also null for a call that has waited too long since it was signed: it is prepared again. */
async function takePermit(
  { gate, clock, hours, isLockFresh }: PlacingTools,
  call: PreparedCall,
  stopping: AbortSignal,
): Promise<Permit | null> {
  const permit = await gate.take(stopping);
  if (permit === null) return null;
  const now = clock.now();
  // Also where the clock was put back: the time signed lies in the future then.
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
