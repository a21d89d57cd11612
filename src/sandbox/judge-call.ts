import { answerOf, tooManyRequests, unauthorized, type Answer } from './answers.ts';
import type { CallFindings } from './call-log.ts';
import type { SandboxCredentials } from './credentials.ts';
import { isProcessed, nameFault, type Fault } from './fault.ts';
import type { PlannedCall } from './fault-plan.ts';
import { checkHeaders, type Refusal, type SentHeaders } from './header-checks.ts';
import type { KeyRing } from './key-ring.ts';
import { openBody } from './open-body.ts';
import { readRegisterBody, type RegisterRequest } from './register-body.ts';
import type { Registry } from './registry.ts';

/** What the simulated provider knows. */
export interface ProviderState {
  readonly credentials: SandboxCredentials;
  readonly registry: Registry;
  readonly keys: KeyRing;
  readonly requireEncryption: boolean;
  /** Of this process only, in lower case. */
  readonly correlationIds: Set<string>;
  readonly now: () => Date;
}

/** A register call as it came off the wire. */
export interface ArrivedCall {
  readonly headers: SentHeaders;
  readonly body: Buffer;
  readonly isTooMany: boolean;
  readonly planned: PlannedCall;
}

export interface Verdict {
  readonly answer: Answer;
  /** What happens to the answer on its way. */
  readonly fault: Fault | null;
  readonly delayMs: number;
  /** Whether the call came encrypted and could be opened. */
  readonly wasSealed: boolean;
  readonly findings: CallFindings;
}

/**
 * Judges a call as the provider would: headers, envelope, body, rate, then the card. What it changes is kept when
 * this returns, before any byte of an answer. A card's scripted fault goes before one by chance.
 */
export async function judgeCall(state: ProviderState, call: ArrivedCall): Promise<Verdict> {
  const checked = checkHeaders(call.headers, call.body, state.now(), state.credentials);
  const { correlationId } = checked;
  const isRepeated = correlationId !== null && !takeCorrelationId(state.correlationIds, correlationId);
  const refuse = (refusal: Refusal, findings: CallFindings = {}): Verdict =>
    refuseCall(refusal, call.planned.delayMs, { correlationId, ...findings });

  if (checked.refusal !== null) {
    // Whose call it seemed to be helps whoever looks for what was wrong with it.
    return refuse(checked.refusal, readRegisterBody(call.body) ?? {});
  }
  if (isRepeated) return refuse({ kind: 'bad_request', reason: 'correlation_id_repeated' });
  const opened = await openBody(call.body, checked.cryptoKeyId, state.keys, state.requireEncryption);
  if (opened.kind === 'refused') return refuse({ kind: 'bad_request', reason: opened.reason });
  const request = readRegisterBody(opened.content);
  const wasSealed = opened.cryptoKeyId !== null;
  const verdict =
    request === null
      ? refuse({ kind: 'bad_request', reason: 'body' })
      : answerRequest(state, call, request, correlationId);
  return { ...verdict, wasSealed };
}

function refuseCall({ kind, reason }: Refusal, delayMs: number, findings: CallFindings): Verdict {
  const answer = kind === 'unauthorized' ? unauthorized : answerOf('000_002');
  return {
    answer,
    fault: null,
    delayMs,
    wasSealed: false,
    findings: { ...findings, answer: answer.code, reason },
  };
}

function answerRequest(
  state: ProviderState,
  call: ArrivedCall,
  request: RegisterRequest,
  correlationId: string | null,
): Omit<Verdict, 'wasSealed'> {
  const caller = { correlationId, ...request };
  const { delayMs } = call.planned;
  if (call.isTooMany) {
    const findings = { ...caller, answer: '429', reason: 'rate_limit' };
    return { answer: tooManyRequests(1), fault: null, delayMs, findings };
  }
  const fault = state.registry.takeFault(request.userId, request.par) ?? call.planned.fault;
  const processed = fault === null || isProcessed(fault);
  const code = processed ? state.registry.register(request.userId, request.par) : null;
  const faultName = fault === null ? null : nameFault(fault);
  return {
    answer:
      fault?.kind === 'too_many' ? tooManyRequests(fault.retryAfterSeconds) : answerOf(code ?? '000_000'),
    fault,
    delayMs: delayMs + (fault?.kind === 'slow' ? fault.ms : 0),
    findings: { ...caller, answer: faultName ?? code, processed },
  };
}

/** False where it was sent before. */
function takeCorrelationId(taken: Set<string>, correlationId: string): boolean {
  const key = correlationId.toLowerCase();
  if (taken.has(key)) return false;
  taken.add(key);
  return true;
}
