import type { CallClass } from '../domain/class.ts';
import type { Outcome, Reply } from '../domain/outcome.ts';
import { builtInOutcomes, type OutcomeRule, type OutcomeText } from './built-in-outcomes.ts';
import { createCodedError } from './transport/coded-error.ts';

export interface OutcomeRules {
  /** In the order people read them: the provider's documented codes, then the job file's own. */
  readonly byCode: ReadonlyMap<string, OutcomeRule>;
}

type Answer = Extract<Reply, { readonly kind: 'answered' }>;

const CODE = /^\d{3}_\d{3}$/;
const SUCCESS_CODE = '000_000';
/** Only the provider's own success code enrols; `recovered` tells of our earlier call, which no code can. */
const NOT_BY_OVERRIDE: ReadonlySet<CallClass> = new Set(['enrolled', 'recovered']);
const OVERRIDDEN_TEXT: OutcomeText = {
  ko: '작업 파일에서 지정한 코드입니다.',
  en: 'A code the job file gives a meaning to.',
};

/**
 * The built-in table with a job file's `outcomes` over it. Throws `outcome_override_refused` for a key that
 * is no code of the form 999_999 (so a status such as 429 or 500 can't be touched), for 000_000, and for
 * the classes enrolled and recovered.
 */
export function createOutcomeRules(overrides: Readonly<Record<string, CallClass>>): OutcomeRules {
  const byCode = new Map(builtInOutcomes.map((rule) => [rule.code, rule]));
  for (const [code, callClass] of Object.entries(overrides)) {
    refuseOverride(code, callClass);
    const builtIn = byCode.get(code);
    byCode.set(code, {
      code,
      documentedStatus: builtIn?.documentedStatus ?? null,
      class: callClass,
      text: builtIn?.text ?? OVERRIDDEN_TEXT,
      origin: 'job_file',
    });
  }
  return { byCode };
}

function refuseOverride(code: string, callClass: CallClass): void {
  if (!CODE.test(code)) {
    throw createCodedError('outcome_override_refused', 'outcomes: a key is a provider code such as 999_999');
  }
  if (code === SUCCESS_CODE) {
    throw createCodedError('outcome_override_refused', 'outcomes: the meaning of 000_000 is fixed');
  }
  if (NOT_BY_OVERRIDE.has(callClass)) {
    throw createCodedError('outcome_override_refused', `outcomes: ${code} can't be made ${callClass}`);
  }
}

/**
 * What a reply means for the record. `unansweredBefore`: earlier calls for the same record that may have
 * taken effect and were never answered; with one, "already active" is our own work, found again.
 */
export function classifyReply(
  reply: Reply,
  context: { readonly unansweredBefore: number },
  rules: OutcomeRules,
): Outcome {
  switch (reply.kind) {
    case 'not_sent':
      return { kind: 'unsettled', class: 'transient' };
    case 'no_answer':
      return { kind: 'unsettled', class: 'ambiguous' };
    case 'answered':
      return classifyAnswer(reply, context.unansweredBefore, rules);
  }
}

/** 429, 5xx and 3xx are read by their status whatever the body says; then a known code decides. */
function classifyAnswer(answer: Answer, unansweredBefore: number, rules: OutcomeRules): Outcome {
  const { httpStatus, code } = answer;
  if (httpStatus === 429) return { kind: 'throttled', class: 'transient', retryAfterMs: answer.retryAfterMs };
  if (httpStatus < 200 || httpStatus >= 500) return { kind: 'unsettled', class: 'ambiguous' };
  if (httpStatus >= 300 && httpStatus < 400) return stopRun(httpStatus);
  const rule = code === null ? undefined : rules.byCode.get(code);
  if (rule !== undefined) return applyRule(rule, httpStatus, unansweredBefore);
  if (httpStatus === 401 || httpStatus === 403 || httpStatus === 404) return stopRun(httpStatus);
  if (code === null) return { kind: 'unsettled', class: 'ambiguous' };
  return { kind: 'settled', class: 'unknown_code' };
}

function applyRule(rule: OutcomeRule, httpStatus: number, unansweredBefore: number): Outcome {
  const callClass = rule.class;
  if (rule.code === SUCCESS_CODE && httpStatus >= 300) return { kind: 'settled', class: 'unknown_code' };
  if (callClass === 'ambiguous' || callClass === 'transient') return { kind: 'unsettled', class: callClass };
  if (callClass === 'already_active' && unansweredBefore > 0) return { kind: 'settled', class: 'recovered' };
  return { kind: 'settled', class: callClass };
}

function stopRun(httpStatus: number): Outcome {
  return {
    kind: 'stop_run',
    sentence: `The provider answered HTTP ${httpStatus}: ${whatToCheck(httpStatus)}.`,
  };
}

function whatToCheck(httpStatus: number): string {
  if (httpStatus === 401) {
    return 'it does not accept our credentials; check KONA_ASP_ID, KONA_ACCESS_KEY, KONA_SECRET_KEY and this machine’s clock';
  }
  if (httpStatus === 403) {
    return 'it does not let us in; check KONA_ASP_ID and KONA_ACCESS_KEY, and that this machine’s address is allowed there';
  }
  if (httpStatus === 404) return 'there is no such call at this address; check KONA_BASE_URL';
  return 'it points to another address, which is never followed; check KONA_BASE_URL';
}
