import { answerPlans, answerRegister, type ContentTerms, type JudgedContent } from './answer-content.ts';
import { makeCorrelationId } from './answer-ids.ts';
import { answerOf, unauthorized, type Answer } from './answers.ts';
import type { CallKind } from './call-kind.ts';
import type { CallFindings } from '../wire/call-log.ts';
import type { SandboxCredentials } from './credentials.ts';
import type { PlannedCall } from '../faults/fault-dice.ts';
import { checkHeaders, type HeaderCheck, type Refusal, type SentHeaders } from './header-checks.ts';
import { fieldOf, withFields } from './named-fields.ts';
import { openBody, type BodyTerms } from './open-body.ts';
import type { Outage } from '../faults/outage.ts';
import { readRegisterRequest } from './request-content.ts';

/** An answer with the correlation id of the call it was made for. */
interface GivenAnswer {
  readonly answer: Answer;
  readonly correlationId: string | null;
}

/** What the simulated provider knows. */
export interface ProviderState extends ContentTerms, Omit<BodyTerms, 'requirePlain'> {
  readonly credentials: SandboxCredentials;
  /** Correlation ids of this process, in lower case. */
  readonly correlationIds: Set<string>;
  readonly rules: ContentTerms['rules'];
  /** Whether plans calls must be plain, whatever the rule for register calls. */
  readonly plainPlans: boolean;
  /** The platform's last own answer, for a call that is to get another call's answer; changes with every call. */
  readonly lastAnswer: { given: GivenAnswer | null };
}

/** A call as it was received. */
export interface ArrivedCall {
  readonly kind: CallKind;
  readonly headers: SentHeaders;
  readonly body: Buffer;
  readonly outage: Outage | null;
  readonly isTooMany: boolean;
  readonly planned: PlannedCall;
}

export interface JudgedCall extends JudgedContent {
  /** Whether the call was encrypted and could be opened. */
  readonly wasSealed: boolean;
  /** The correlation id of the call for which the answer was made: this call's own, except in a swapped answer. */
  readonly answerId: string | null;
}

/**
 * Judges a call as the provider would: outage, headers, envelope, body, rate, faults, then the request itself.
 * Changes are kept when this resolves, before any byte of an answer.
 */
export async function judgeCall(state: ProviderState, call: ArrivedCall): Promise<JudgedCall> {
  const terms = { now: state.now(), credentials: state.credentials, rules: state.rules };
  const checked = checkHeaders(call.headers, call.body, terms);
  const { correlationId, zone } = checked;
  const refused = refuseOutside(state, call, checked);
  if (refused !== null) return refused;

  const requirePlain = call.kind === 'plans' && state.plainPlans;
  const requireEncryption = state.requireEncryption && !requirePlain;
  const opened = await openBody(call.body, checked.cryptoKeyId, {
    ...state,
    requireEncryption,
    requirePlain,
  });
  if (opened.kind === 'refused') {
    return refuse(state, call, { kind: 'bad_request', reason: opened.reason }, { correlationId });
  }
  const answer = call.kind === 'register' ? answerRegister : answerPlans;
  const judged = answer(state, { ...call, content: opened.content, zone });
  const wasSealed = opened.cryptoKeyId !== null;
  return {
    ...judged,
    ...chooseAnswer(state, judged, correlationId),
    wasSealed,
    findings: { correlationId, encrypted: wasSealed, ...judged.findings },
  };
}

/**
 * Returns a swapped answer: id and body of the one before or, where there was none, a success for which nobody asked.
 */
function chooseAnswer(
  state: ProviderState,
  { answer, fault }: JudgedContent,
  correlationId: string | null,
): Pick<JudgedCall, 'answer' | 'answerId'> {
  const { given } = state.lastAnswer;
  if (fault?.kind !== 'content' || fault.what !== 'swapped') {
    if (fault === null) state.lastAnswer.given = { answer, correlationId };
    return { answer, answerId: correlationId };
  }
  return given === null
    ? { answer: answerOf('000_000'), answerId: makeCorrelationId(state.now()) }
    : { answer: given.answer, answerId: given.correlationId };
}

/** Checks everything that can be known without opening the body; null where nothing is wrong. */
function refuseOutside(state: ProviderState, call: ArrivedCall, checked: HeaderCheck): JudgedCall | null {
  const { correlationId, refusal } = checked;
  const findings = { correlationId };
  if (call.outage === 'maintenance') return refuseAll(call, findings);
  if (call.outage === 'revoked')
    return refuse(state, call, { kind: 'unauthorized', reason: 'revoked' }, findings);
  const isRepeated = correlationId !== null && !takeCorrelationId(state.correlationIds, correlationId);
  if (refusal !== null) {
    // The member and card help people who look for the fault.
    return refuse(state, call, refusal, { ...findings, ...readRegisterRequest(call.body, state.rules) });
  }
  if (isRepeated && state.rules.correlationIdOnce) {
    return refuse(state, call, { kind: 'bad_request', reason: 'correlation_id_repeated' }, findings);
  }
  const { refused, field } = state.registry.setUp;
  if (!refused) return null;
  const judged = refuse(state, call, { kind: 'bad_request', reason: 'set_up' }, findings);
  return field === null ? judged : { ...judged, answer: withFields(answerOf('000_002'), [field]) };
}

function refuse(
  state: ProviderState,
  call: ArrivedCall,
  { kind, reason }: Refusal,
  caller: CallFindings,
): JudgedCall {
  const field = state.namesFields ? fieldOf(reason) : null;
  const answer =
    kind === 'unauthorized' ? unauthorized : withFields(answerOf('000_002'), field === null ? [] : [field]);
  return {
    answer,
    answerId: caller.correlationId ?? null,
    fault: null,
    delayMs: call.planned.delayMs,
    wasSealed: false,
    findings: { ...caller, answer: answer.code, reason },
  };
}

function refuseAll(call: ArrivedCall, caller: CallFindings): JudgedCall {
  return {
    answer: unauthorized,
    answerId: caller.correlationId ?? null,
    fault: { kind: 'page', status: 503, when: 'before' },
    delayMs: call.planned.delayMs,
    wasSealed: false,
    findings: { ...caller, answer: 'maintenance', reason: 'maintenance' },
  };
}

/** Returns false where the id was sent before. */
function takeCorrelationId(taken: Set<string>, correlationId: string): boolean {
  const key = correlationId.toLowerCase();
  if (taken.has(key)) return false;
  taken.add(key);
  return true;
}
