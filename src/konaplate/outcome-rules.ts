import type { ProviderCause } from '../domain/exit-cause.ts';
import type { BelievedOutcome, Outcome, Reply } from '../domain/outcome.ts';
import {
  INVALID_INPUT_CODE,
  isDocumentedCode,
  SUCCESS_CODE,
  whyNotGiven,
  type GivenOutcome,
} from '../domain/provider-code.ts';
import { readCertificatePage } from './certificate-page.ts';
import type { Words } from '../domain/language.ts';
import { builtInOutcomes, type OutcomeRule } from './built-in-outcomes.ts';
import { readRefusedField } from './refused-fields.ts';
import { createCodedError } from './transport/coded-error.ts';

export interface OutcomeRules {
  /** Rules by code in the order people read them: the provider's documented codes, then the job file's own. */
  readonly byCode: ReadonlyMap<string, OutcomeRule>;
}

/** What decides in addition to the answer itself. */
export interface AnswerContext {
  /** Number of earlier calls for the record that may have taken effect and were never answered. */
  readonly unansweredBefore: number;
  /**
   * Whether 000_002 may be taken to mean the row. `proved`: an answer that only a correct set-up gets has come.
   * `vouched`: a person vouched for the set-up (`--yes`). `unproved`: neither.
   */
  readonly setup: 'proved' | 'vouched' | 'unproved';
}

type Answer = Extract<Reply, { readonly kind: 'answered' }>;

const OVERRIDDEN_TEXT: Words = {
  ko: '작업 파일에서 지정한 코드',
  en: 'A code the job file gives a meaning to',
};

/** With these statuses a call is refused before the provider reads it: it was surely not processed. */
const addressStatuses: ReadonlySet<number> = new Set([405, 406, 411, 413, 414, 415, 431]);
/** The same, except that a code which the provider documents for the record outweighs the status. */
const credentialStatuses: ReadonlySet<number> = new Set([401, 403, 404]);

/**
 * Returns the built-in table with a job file's `outcomes` applied. Throws `outcome_override_refused` and says what is
 * wrong, for an outcome that a job file may not give (see whyNotGiven).
 */
export function createOutcomeRules(overrides: Readonly<Record<string, GivenOutcome>>): OutcomeRules {
  for (const [code, given] of Object.entries(overrides)) {
    const why = whyNotGiven(code, given);
    if (why !== null) throw createCodedError('outcome_override_refused', `outcomes: ${why}`);
  }
  return layOver(overrides);
}

/**
 * Returns the rules of a run that is over. An older version of the program allowed more outcomes, and its decisions
 * can still be explained.
 */
export function outcomeRulesOfRun(overrides: Readonly<Record<string, GivenOutcome>>): OutcomeRules {
  return layOver(overrides);
}

function layOver(overrides: Readonly<Record<string, GivenOutcome>>): OutcomeRules {
  const byCode = new Map<string, OutcomeRule>(builtInOutcomes.map((rule) => [rule.code, rule]));
  for (const [code, given] of Object.entries(overrides)) {
    const builtIn = byCode.get(code);
    byCode.set(code, {
      code,
      documentedStatus: builtIn?.documentedStatus ?? null,
      class: given,
      text: builtIn?.text ?? OVERRIDDEN_TEXT,
      origin: 'job_file',
    });
  }
  return { byCode };
}

/** Returns what a reply means for the record. */
export function classifyReply(
  reply: Reply,
  context: AnswerContext & { readonly setup: 'proved' },
  rules: OutcomeRules,
): BelievedOutcome;
export function classifyReply(reply: Reply, context: AnswerContext, rules: OutcomeRules): Outcome;
export function classifyReply(reply: Reply, context: AnswerContext, rules: OutcomeRules): Outcome {
  switch (reply.kind) {
    case 'not_sent':
      return { kind: 'unsettled', class: 'transient' };
    case 'no_answer':
      return { kind: 'unsettled', class: 'ambiguous' };
    case 'answered':
      return classifyAnswer(reply, context, rules);
  }
}

/** Returns whether the class came from the job file's `outcomes`. */
export function isGivenByJobFile(reply: Reply, rules: OutcomeRules): boolean {
  return reply.kind === 'answered' && decidingRule(reply, rules)?.origin === 'job_file';
}

/**
 * Returns whether only a correct set-up gets such an answer: the provider has decrypted the call and looked at member
 * and card.
 */
export function provesSetup(reply: Reply): boolean {
  if (reply.kind !== 'answered' || reply.code === null || !isReadByCode(reply.httpStatus)) return false;
  if (reply.code === SUCCESS_CODE) return reply.httpStatus < 300;
  if (credentialStatuses.has(reply.httpStatus) && !isDocumentedCode(reply.code)) return false;
  return reply.code === '001_003' || reply.code.startsWith('007_');
}

/** Returns whether the body's code decides; any other status decides by itself, whatever the body says. */
export function isReadByCode(httpStatus: number): boolean {
  return (
    (httpStatus >= 200 && httpStatus < 300) || (httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429)
  );
}

/** Returns the rule that decides about an answer; undefined where its status decides or no rule knows its code. */
function decidingRule({ httpStatus, code }: Answer, rules: OutcomeRules): OutcomeRule | undefined {
  if (code === null || !isReadByCode(httpStatus)) return undefined;
  if (credentialStatuses.has(httpStatus) && code === INVALID_INPUT_CODE) return undefined;
  return rules.byCode.get(code);
}

/** Classifies 429, 5xx and 3xx by their status, whatever the body says; otherwise a known code decides. */
function classifyAnswer(answer: Answer, context: AnswerContext, rules: OutcomeRules): Outcome {
  const { httpStatus, code } = answer;
  if (httpStatus === 429) return { kind: 'throttled', class: 'transient', retryAfterMs: answer.retryAfterMs };
  if (httpStatus < 200 || httpStatus >= 500) return { kind: 'unsettled', class: 'ambiguous' };
  if (httpStatus >= 300 && httpStatus < 400) return refusedAtDoor(httpStatus);
  const rule = decidingRule(answer, rules);
  if (rule !== undefined) return applyRule(rule, answer, context);
  const page = readCertificatePage(answer);
  if (page !== null) return { kind: 'stop_run', by: 'setup', ...page };
  if (credentialStatuses.has(httpStatus)) return refusedAtDoor(httpStatus);
  if (code === null) {
    return addressStatuses.has(httpStatus)
      ? refusedAtDoor(httpStatus)
      : { kind: 'unsettled', class: 'ambiguous' };
  }
  return { kind: 'settled', class: 'unknown_code' };
}

function applyRule(rule: OutcomeRule, answer: Answer, context: AnswerContext): Outcome {
  const { code, class: given, origin } = rule;
  if (code === SUCCESS_CODE && answer.httpStatus >= 300) return { kind: 'settled', class: 'unknown_code' };
  if (given === 'stop_run') {
    const sentence = `The provider answered code ${code}, which stops the run as the job file's outcomes say.`;
    return { kind: 'stop_run', by: 'setup', cause: 'wrong_setup', sentence };
  }
  if (code === INVALID_INPUT_CODE && origin === 'built_in') return judgeInvalidInput(answer, context);
  if (given === 'ambiguous' || given === 'transient') return { kind: 'unsettled', class: given };
  if (given === 'already_active' && context.unansweredBefore > 0)
    return { kind: 'settled', class: 'recovered' };
  return { kind: 'settled', class: given };
}

/**
 * Judges 000_002. A platform also answers it to a wrong key, header or address, so it is taken to mean the row only
 * once the set-up is proved.
 */
function judgeInvalidInput({ message }: Answer, { setup }: AnswerContext): Outcome {
  const field = readRefusedField(message);
  if (field.kind === 'wire') {
    if (setup === 'proved') return { kind: 'settled', class: 'unknown_code' };
    const sentence = `The provider answered 000_002 and names ${field.name}: that is a part of our set-up, not of the list; check key id, keys and address.`;
    return { kind: 'stop_run', by: 'setup', cause: 'wrong_setup', sentence };
  }
  return setup === 'unproved' ? { kind: 'held' } : { kind: 'settled', class: 'bad_data' };
}

function refusedAtDoor(httpStatus: number): Outcome {
  return {
    kind: 'stop_run',
    by: 'door',
    cause: causeAtDoor(httpStatus),
    sentence: `The provider answered HTTP ${httpStatus}: ${whatToCheck(httpStatus)}.`,
  };
}

function causeAtDoor(httpStatus: number): ProviderCause {
  if (httpStatus === 401 || httpStatus === 403) return 'credentials';
  // 404, a redirect, or a call that is not accepted in this form at this address.
  return 'wrong_address';
}

function whatToCheck(httpStatus: number): string {
  if (httpStatus === 401) {
    return 'it does not accept our credentials; check KONA_ASP_ID, KONA_ACCESS_KEY, KONA_SECRET_KEY and this machine’s clock';
  }
  if (httpStatus === 403) {
    return 'it does not let us in; check KONA_ASP_ID and KONA_ACCESS_KEY, and that this machine’s address is allowed there';
  }
  if (httpStatus === 404) return 'there is no such call at this address; check KONA_BASE_URL';
  if (addressStatuses.has(httpStatus)) {
    return 'the call is not taken in this form at this address; check KONA_BASE_URL, and what stands between us and the provider';
  }
  return 'it points to another address, which is never followed; check KONA_BASE_URL';
}
