import type { CallClass } from '../domain/class.ts';
import type { DocumentedCode } from '../domain/provider-code.ts';

export interface OutcomeText {
  readonly ko: string;
  readonly en: string;
}

/** What one code of the provider means. */
export interface OutcomeRule {
  readonly code: string;
  /** The HTTP status the provider documents for the code; null for a code it does not document. */
  readonly documentedStatus: number | null;
  /** stop_run: only a job file says so of a code. */
  readonly class: CallClass | 'stop_run';
  readonly text: OutcomeText;
  readonly origin: 'built_in' | 'job_file';
}

/** One that the provider documents: never stop_run. */
export type BuiltInRule = OutcomeRule & { readonly class: CallClass };

/** Source: register-api.txt, "Response Code", in PROVIDER.md's reading. */
export const builtInOutcomes: readonly BuiltInRule[] = [
  rule('000_000', 200, 'enrolled', '자동 충전이 등록되었습니다.', 'Auto-recharge was registered.'),
  rule(
    '007_017',
    400,
    'already_active',
    '자동 충전이 이미 활성화되어 있습니다.',
    'Auto-recharge was already active for this member and card.',
  ),
  rule(
    '007_012',
    400,
    'conflict',
    '이 PAR에 이미 다른 자동 충전 설정이 있습니다. 다른 회원의 설정일 수 있습니다.',
    "A plan is already set for this PAR, maybe another member's or of another kind.",
  ),
  rule(
    '000_002',
    400,
    'bad_data',
    '입력 값이 올바르지 않습니다. 목록의 회원 ID와 PAR를 확인하십시오.',
    'The provider refused the values: check user id and PAR in the list.',
  ),
  rule(
    '001_003',
    400,
    'bad_data',
    'PAR가 존재하지 않거나 사용할 수 없는 상태입니다.',
    'The PAR does not exist or is not active.',
  ),
  rule(
    '007_015',
    400,
    'action_required',
    '고객이 오픈뱅킹 약관에 동의하지 않았습니다.',
    'The customer has not accepted the open banking terms.',
  ),
  rule('007_016', 400, 'action_required', '카드가 활성 상태가 아닙니다.', 'The card is not active.'),
  rule(
    '007_027',
    400,
    'action_required',
    '고객이 펌뱅킹 약관에 동의하지 않았습니다.',
    'The customer has not accepted the firm banking terms.',
  ),
  rule(
    '007_031',
    400,
    'action_required',
    '자동 충전을 위한 계좌가 등록되어 있지 않습니다.',
    'The customer has no bank account registered for auto-recharge.',
  ),
];

function rule(
  code: DocumentedCode,
  documentedStatus: number,
  callClass: CallClass,
  ko: string,
  en: string,
): BuiltInRule {
  return { code, documentedStatus, class: callClass, text: { ko, en }, origin: 'built_in' };
}
