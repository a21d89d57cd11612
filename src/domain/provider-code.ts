import type { CallClass } from './class.ts';

/** The codes that the provider's page documents for the register call. Any other code is unknown. */
export const documentedCodes = [
  '000_000',
  '000_002',
  '001_003',
  '007_012',
  '007_015',
  '007_016',
  '007_017',
  '007_027',
  '007_031',
] as const;
export type DocumentedCode = (typeof documentedCodes)[number];

export function isDocumentedCode(code: string): code is DocumentedCode {
  return (documentedCodes as readonly string[]).includes(code);
}

export const SUCCESS_CODE = '000_000';
const ALREADY_ACTIVE_CODE = '007_017';
/** "Invalid input parameter": what a platform answers to wrong values and to a wrong set-up alike. */
export const INVALID_INPUT_CODE = '000_002';

/** What a code of a sister call means, in both languages. */
export interface SisterMeaning {
  readonly en: string;
  readonly ko: string;
}

/**
 * Codes that only the pages of sister calls document. A person who looks into an unknown code is shown them;
 * nothing is decided by them.
 */
const sisterCodes: Readonly<Record<string, SisterMeaning>> = {
  '001_006': { en: 'wallet user not found', ko: '지갑 사용자를 찾을 수 없음' },
  '007_001': { en: 'bank account not found', ko: '은행 계좌를 찾을 수 없음' },
  '007_026': { en: 'user has no auto plan', ko: '회원에게 자동충전 설정이 없음' },
};

/** Null: no sister call documents the code. */
export function sisterMeaningOf(code: string): SisterMeaning | null {
  return Object.hasOwn(sisterCodes, code) ? (sisterCodes[code] ?? null) : null;
}

/** What `outcomes` in a job file may make of a code. */
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
 * Who gave a class that did not come of the built-in table: the job file's `outcomes`, or `outcomes` of an older version,
 * which could still make a success of a failure that the provider documents.
 */
export const classGivers = ['job_file', 'former_rule'] as const;
export type ClassGiver = (typeof classGivers)[number];

const CODE = /^\d{3}_\d{3}$/;

/**
 * Why a job file may not give the code this outcome, in one clause; null where it may. Success is the provider's word:
 * what it says of 000_000 and 007_017 stands, and a failure that it documents can't be made a success.
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
