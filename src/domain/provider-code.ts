import type { CallClass } from './class.ts';
import type { Words } from './language.ts';

/**
 * The codes that the provider's page documents for the register call, each with its meaning, for every place that
 * shows it. Any other code is unknown.
 */
export const codeMeanings = {
  '000_000': { en: 'Success', ko: '성공' },
  '000_002': { en: 'A value of the call is not valid', ko: '입력 값이 올바르지 않음' },
  '001_003': { en: 'The PAR does not exist or is not active', ko: 'PAR가 없거나 유효하지 않음' },
  '007_012': { en: 'A plan is set for this PAR already', ko: '이 PAR에 이미 플랜이 설정되어 있음' },
  '007_015': { en: 'The member has not accepted the open banking terms', ko: '오픈뱅킹 약관 미동의' },
  '007_016': { en: 'The card is not active', ko: '카드가 활성 상태가 아님' },
  '007_017': { en: 'Auto-recharge is on already', ko: '자동충전이 이미 등록되어 있음' },
  '007_027': { en: 'The member has not accepted the firm banking terms', ko: '펌뱅킹 약관 미동의' },
  '007_031': { en: 'No bank account is registered for auto-recharge', ko: '자동충전 계좌 미등록' },
} as const satisfies Readonly<Record<string, Words>>;
export type DocumentedCode = keyof typeof codeMeanings;

export function isDocumentedCode(code: string): code is DocumentedCode {
  return Object.hasOwn(codeMeanings, code);
}

export const SUCCESS_CODE = '000_000';
const ALREADY_ACTIVE_CODE = '007_017';
/** "Invalid input parameter": platforms answer this both to wrong values and to a wrong set-up. */
export const INVALID_INPUT_CODE = '000_002';

/**
 * Codes that only the pages of sister calls document. They are shown to a person who looks into an unknown code; no
 * decision uses them.
 */
const sisterCodes: Readonly<Record<string, Words>> = {
  '001_006': { en: 'wallet user not found', ko: '지갑 사용자를 찾을 수 없음' },
  '007_001': { en: 'bank account not found', ko: '은행 계좌를 찾을 수 없음' },
  '007_026': { en: 'user has no auto plan', ko: '회원에게 자동충전 설정이 없음' },
};

/** Returns the meaning that a sister call documents for the code, or null. */
export function sisterMeaningOf(code: string): Words | null {
  return Object.hasOwn(sisterCodes, code) ? (sisterCodes[code] ?? null) : null;
}

/** The outcomes that `outcomes` in a job file may give to a code. */
export const givenOutcomes = [
  'bad_data',
  'action_required',
  'conflict',
  'already_active',
  'transient',
  'ambiguous',
  'unknown_code',
  'stop_run',
] as const satisfies readonly (CallClass | 'stop_run')[];
export type GivenOutcome = (typeof givenOutcomes)[number];

/**
 * What gave a class that did not come from the built-in table: the job file's `outcomes`, or `outcomes` of an older
 * version, which could still turn a documented failure into a success.
 */
export const classGivers = ['job_file', 'former_rule'] as const;
export type ClassGiver = (typeof classGivers)[number];

const CODE = /^\d{3}_\d{3}$/;

/**
 * Returns why a job file may not give the code this outcome, as one clause; null where it may. Success is the
 * provider's word: the meaning of 000_000 and 007_017 is fixed, and a documented failure can't become a success.
 */
export function whyNotGiven(code: string, given: string): string | null {
  if (!CODE.test(code)) return 'a key is a provider code such as 999_999';
  if (code === SUCCESS_CODE || code === ALREADY_ACTIVE_CODE) return `the meaning of ${code} is fixed`;
  if (!(givenOutcomes as readonly string[]).includes(given)) return `${code} can't be made ${given}`;
  if (given === 'already_active' && isDocumentedCode(code)) {
    return `${code} is a failure that the provider documents, and can't be made a success`;
  }
  return null;
}
