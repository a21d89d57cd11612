import { answerPlans, answerRegister, type ContentTerms, type ContentVerdict } from './answer-content.ts';
import { answerOf, unauthorized } from './answers.ts';
import type { CallKind } from '../call-kind.ts';
import type { CallFindings } from '../wire/call-log.ts';
import type { SandboxCredentials } from './credentials.ts';
import type { PlannedCall } from '../faults/fault-dice.ts';
import { checkHeaders, type HeaderCheck, type Refusal, type SentHeaders } from './header-checks.ts';
import { openBody, type BodyTerms } from './open-body.ts';
import type { Outage } from '../outage.ts';
import { readRegisterRequest } from './request-content.ts';

/** What the simulated provider knows. */
export interface ProviderState extends ContentTerms, BodyTerms {
  readonly credentials: SandboxCredentials;
  /** Of this process only, in lower case. */
  readonly correlationIds: Set<string>;
  readonly rules: ContentTerms['rules'];
}

/** A call as it came off the wire. */
export interface ArrivedCall {
  readonly kind: CallKind;
  readonly headers: SentHeaders;
  readonly body: Buffer;
  readonly outage: Outage | null;
  readonly isTooMany: boolean;
  readonly planned: PlannedCall;
}

export interface Verdict extends ContentVerdict {
  /** Whether the call came encrypted and could be opened. */
  readonly wasSealed: boolean;
}

/**
 * Judges a call as the provider would: outage, headers, envelope, body, rate, faults, then what was asked for.
 * What it changes is kept when this resolves, before any byte of an answer.
 */
export async function judgeCall(state: ProviderState, call: ArrivedCall): Promise<Verdict> {
  const terms = { now: state.now(), credentials: state.credentials, rules: state.rules };
  const checked = checkHeaders(call.headers, call.body, terms);
  const { correlationId, zone } = checked;
  const refused = refuseOutside(state, call, checked);
  if (refused !== null) return refused;

  const opened = await openBody(call.body, checked.cryptoKeyId, state);
  if (opened.kind === 'refused') {
    return refuse(call, { kind: 'bad_request', reason: opened.reason }, { correlationId });
  }
  const answer = call.kind === 'register' ? answerRegister : answerPlans;
  const verdict = answer(state, { ...call, content: opened.content, zone });
  const wasSealed = opened.cryptoKeyId !== null;
  return {
    ...verdict,
    wasSealed,
    findings: { correlationId, encrypted: wasSealed, ...verdict.findings },
  };
}

/** Null where nothing is the matter with all that can be known without opening the body. */
function refuseOutside(state: ProviderState, call: ArrivedCall, checked: HeaderCheck): Verdict | null {
  const { correlationId, refusal } = checked;
  const findings = { correlationId };
  if (call.outage === 'maintenance') return refuseAll(call, findings);
  if (call.outage === 'revoked') return refuse(call, { kind: 'unauthorized', reason: 'revoked' }, findings);
  const isRepeated = correlationId !== null && !takeCorrelationId(state.correlationIds, correlationId);
  if (refusal !== null) {
    // Whose call it seemed to be helps whoever looks for what was wrong with it.
    return refuse(call, refusal, { ...findings, ...readRegisterRequest(call.body, state.rules) });
  }
  if (!isRepeated || !state.rules.correlationIdOnce) return null;
  return refuse(call, { kind: 'bad_request', reason: 'correlation_id_repeated' }, findings);
}

function refuse(call: ArrivedCall, { kind, reason }: Refusal, caller: CallFindings): Verdict {
  const answer = kind === 'unauthorized' ? unauthorized : answerOf('000_002');
  const findings = { ...caller, answer: answer.code, reason };
  return { answer, fault: null, delayMs: call.planned.delayMs, wasSealed: false, findings };
}

function refuseAll(call: ArrivedCall, caller: CallFindings): Verdict {
  return {
    answer: unauthorized,
    fault: { kind: 'server_error', status: 503, when: 'before' },
    delayMs: call.planned.delayMs,
    wasSealed: false,
    findings: { ...caller, answer: 'maintenance', reason: 'maintenance' },
  };
}

/** False where it was sent before. */
function takeCorrelationId(taken: Set<string>, correlationId: string): boolean {
  const key = correlationId.toLowerCase();
  if (taken.has(key)) return false;
  taken.add(key);
  return true;
}
