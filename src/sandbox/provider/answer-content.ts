import { answerOf, tooManyRequests, type Answer } from './answers.ts';
import type { CallFindings } from '../wire/call-log.ts';
import type { CallRules } from './call-rules.ts';
import { isProcessed, nameFault, spellFault, type Fault } from '../faults/fault.ts';
import type { PlannedCall } from '../faults/fault-dice.ts';
import type { Registry } from './registry.ts';
import { withFields } from './named-fields.ts';
import { findWrongFields, readPlansRequest, readRegisterRequest } from './request-content.ts';
import { writeTranTime, type TimeZoneName } from './request-times.ts';

/** What decides the answer to a call whose headers are correct. */
export interface ContentTerms {
  readonly registry: Registry;
  readonly rules: CallRules;
  /** Whether a refusal names the header or field that is wrong, as some sister pages do. */
  readonly namesFields: boolean;
  readonly now: () => Date;
}

/** A call whose body was opened. */
export interface OpenCall {
  readonly content: Buffer;
  /** The zone of its X-KM-Time-Zone. */
  readonly zone: TimeZoneName;
  readonly isTooMany: boolean;
  readonly planned: PlannedCall;
}

export interface JudgedContent {
  readonly answer: Answer;
  /** What happens to the answer on its way. */
  readonly fault: Fault | null;
  readonly delayMs: number;
  readonly findings: CallFindings;
}

/** Answers a register call. Changes are kept when this returns, before any byte of an answer. */
export function answerRegister(terms: ContentTerms, call: OpenCall): JudgedContent {
  const request = readRegisterRequest(call.content, terms.rules);
  if (request === null) return refuseContent(terms, call, ['userId', 'par']);
  const { userId, par } = request;
  return answerUnderFaults(terms, call, request, {
    takeScripted: () => terms.registry.takeFault(userId, par),
    process: () => {
      const answer = answerOf(terms.registry.register(userId, par, terms.now()));
      const description = terms.registry.messageOf(userId, par);
      return description === null || answer.code === '000_000' ? answer : { ...answer, description };
    },
    pretend: answerOf('000_000'),
  });
}

/**
 * Returns a member's active registrations, the oldest first. A member without any gets an empty list, unless the
 * fixtures say that nobody knows the member.
 */
export function answerPlans(terms: ContentTerms, call: OpenCall): JudgedContent {
  const request = readPlansRequest(call.content, terms.rules);
  if (request === null) return refuseContent(terms, call, ['userId']);
  const listPlans = (): Answer => {
    if (terms.registry.isUnknownMember(request.userId)) return answerOf('001_006');
    const parInfoList = terms.registry.entriesOf(request.userId).map(({ par, registeredAt }) => ({
      par,
      registeredDate: writeTranTime(new Date(registeredAt), call.zone),
    }));
    return { ...answerOf('000_000'), more: { parInfoList } };
  };
  return answerUnderFaults(terms, call, request, {
    takeScripted: () => terms.registry.takeInquiryFault(request.userId),
    process: listPlans,
    pretend: { ...answerOf('000_000'), more: { parInfoList: [] } },
  });
}

function refuseContent(
  { rules, namesFields }: ContentTerms,
  { content, planned }: OpenCall,
  expected: readonly string[],
): JudgedContent {
  const wrong = namesFields ? findWrongFields(content, expected, rules) : [];
  const answer = withFields(answerOf('000_002'), wrong);
  const findings = { answer: answer.code, reason: 'body' };
  return { answer, fault: null, delayMs: planned.delayMs, findings };
}

interface Processing {
  readonly takeScripted: () => Fault | null;
  readonly process: () => Answer;
  /** The answer to begin with where a fault comes before processing but still starts an answer. */
  readonly pretend: Answer;
}

/** Applies the rate limit first, then the scripted fault, then the one by chance, then the request itself. */
function answerUnderFaults(
  terms: ContentTerms,
  { isTooMany, planned }: OpenCall,
  caller: CallFindings,
  { takeScripted, process, pretend }: Processing,
): JudgedContent {
  const { delayMs } = planned;
  if (isTooMany) {
    const findings = { ...caller, answer: '429', reason: 'rate_limit' };
    return { answer: tooManyRequests(1), fault: null, delayMs, findings };
  }
  const fault = takeScripted() ?? planned.fault;
  if (fault === null) {
    const answer = process();
    return { answer, fault, delayMs, findings: { ...caller, answer: answer.code, processed: true } };
  }
  const processed = isProcessed(fault);
  const inTruth = processed ? process() : pretend;
  return {
    answer: answerInstead(fault, inTruth, terms.now()),
    fault,
    delayMs: delayMs + (fault.kind === 'slow' ? fault.ms : 0),
    findings: { ...caller, answer: nameFault(fault) ?? inTruth.code, fault: spellFault(fault), processed },
  };
}

function answerInstead(fault: Fault, inTruth: Answer, now: Date): Answer {
  if (fault.kind === 'code') return answerOf(fault.code);
  if (fault.kind !== 'too_many') return inTruth;
  return tooManyRequests(fault.retryAfterSeconds, fault.asDate ? now : null);
}
