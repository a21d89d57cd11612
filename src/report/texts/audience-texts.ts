import type { Language } from '../../domain/language.ts';
import type { NightChange } from '../../domain/night-difference.ts';
import { codeMeanings, type DocumentedCode } from '../../domain/provider-code.ts';

/**
 * What a customer is told on the telephone: the reason, as a clause for the caller, and the text to say. No ids in
 * it.
 */
export interface CustomerText {
  readonly reason: string;
  readonly toSay: string;
}

/** The words of the lists by audience and of the workbook. Sheet names have at most 25 characters. */
export interface AudienceTexts {
  readonly language: Language;
  /** What to say for each code that we know. */
  readonly customers: Readonly<Record<CustomerCode, string>>;
  /** What to say for any other code. */
  readonly anyCustomer: CustomerText;
  readonly correctRejected: string;
  readonly correctProviderData: string;
  readonly correctDisputed: string;
  readonly settleUsedUp: string;
  readonly noRule: (code: string | null, httpStatus: number | null) => string;
  readonly sheets: {
    readonly summary: string;
    readonly customers: string;
    readonly data: string;
    readonly developers: string;
    readonly usedUp: string;
    readonly difference: string;
  };
  readonly changes: Readonly<Record<NightChange, string>>;
  readonly headings: {
    readonly customers: readonly [string, string, string, string];
    readonly data: readonly [string, string, string, string, string];
    readonly developers: readonly [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    readonly usedUp: readonly [string, string, string, string, string, string];
    readonly difference: readonly [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
  };
}

/** The codes for which we know what the customer must do. */
export const customerCodes = [
  '007_015',
  '007_016',
  '007_027',
  '007_031',
] as const satisfies readonly DocumentedCode[];
export type CustomerCode = (typeof customerCodes)[number];

const korean: AudienceTexts = {
  language: 'ko',
  customers: {
    '007_015':
      '안녕하세요, 고객님. 결제 시 자동충전을 등록하려면 오픈뱅킹 서비스 약관에 동의해 주셔야 합니다. 번거로우시겠지만 앱에서 오픈뱅킹 약관을 확인하고 동의해 주시기 바랍니다. 동의해 주시면 저희가 다시 등록해 드리겠습니다.',
    '007_016':
      '안녕하세요, 고객님. 등록하신 카드가 현재 사용 가능한 상태가 아니어서 결제 시 자동충전을 등록하지 못했습니다. 앱에서 카드 사용 등록을 마치셨는지 확인해 주시고, 분실 신고나 사용 정지 중이라면 먼저 해제해 주시기 바랍니다. 카드를 사용하실 수 있게 되면 저희가 다시 등록해 드리겠습니다.',
    '007_027':
      '안녕하세요, 고객님. 결제 시 자동충전을 등록하려면 펌뱅킹(자동이체) 서비스 약관에 동의해 주셔야 합니다. 번거로우시겠지만 앱에서 펌뱅킹 약관을 확인하고 동의해 주시기 바랍니다. 동의해 주시면 저희가 다시 등록해 드리겠습니다.',
    '007_031':
      '안녕하세요, 고객님. 결제 시 자동충전에 사용할 은행 계좌가 아직 등록되어 있지 않습니다. 번거로우시겠지만 앱에서 충전에 사용할 고객님 명의의 계좌를 등록해 주시기 바랍니다. 계좌를 등록해 주시면 저희가 다시 등록해 드리겠습니다.',
  },
  anyCustomer: {
    reason: '고객의 확인이 필요함',
    toSay:
      '안녕하세요, 고객님. 결제 시 자동충전을 등록하지 못하여 고객님의 확인이 필요합니다. 번거로우시겠지만 앱에서 약관 동의, 충전 계좌 등록, 카드 사용 상태를 확인해 주시기 바랍니다. 확인해 주시면 저희가 다시 등록해 드리겠습니다.',
  },
  correctRejected: '원본 목록에서 이 행을 수정한 후 목록을 다시 실행해 주십시오.',
  correctProviderData:
    '회원번호와 PAR를 원천 데이터와 대조하여 failed.xlsx에서 수정한 후 그 파일을 다시 실행해 주십시오.',
  settleUsedUp:
    '정해진 일수 동안 호출해도 등록되지 않아 더 이상 자동으로 호출하지 않습니다. 원인을 확인하여 resolve로 종결하거나 retry로 다시 호출해 주십시오.',
  correctDisputed: '카드의 실제 회원을 확인하여 그 행만 목록에 남기고 목록을 다시 실행해 주십시오.',
  noRule: (code, httpStatus) =>
    code === null
      ? `응답에서 코드를 읽을 수 없음 (HTTP ${httpStatus ?? '없음'})`
      : `"${code}"에 해당하는 규칙이 없음 (HTTP ${httpStatus ?? '없음'}): 작업 파일의 outcomes에서 분류를 지정해 주십시오.`,
  sheets: {
    summary: '요약',
    customers: '전화할 고객',
    data: '수정할 데이터',
    developers: '개발자용',
    usedUp: '호출 기한 만료',
    difference: '지난 실행과의 차이',
  },
  changes: {
    new: '새로 추가됨',
    gone: '목록에서 빠짐',
    changed: 'PAR 변경',
    newly_failing: '새로 실패함',
    cured: '해결됨',
  },
  headings: {
    customers: ['행', '코드', '사유', '고객에게 드릴 말씀'],
    data: ['행', '분류', '수정할 열', '잘못된 점', '조치'],
    developers: [
      '행',
      'HTTP 상태',
      '코드',
      '메시지',
      '상관 ID',
      '호출 횟수',
      '마지막 호출',
      '규칙',
      '회원번호(가림)',
      'PAR(가림)',
      '응답 원문(가림)',
    ],
    usedUp: ['행', '분류', '코드', '사유', '호출한 일수', '조치'],
    difference: [
      '변동',
      '회원번호',
      'PAR',
      '이전 PAR',
      '이전 분류',
      '이전 코드',
      '분류',
      '코드',
      '행',
      '이전 실행',
      '이전 행',
    ],
  },
};

const english: AudienceTexts = {
  language: 'en',
  customers: {
    '007_015':
      'Hello. To switch on auto-recharge for your payments we need you to accept the open banking terms. Please open the app, read the open banking terms and accept them. Once you have done so, we will register auto-recharge for you again.',
    '007_016':
      'Hello. We could not switch on auto-recharge because your card cannot be used at the moment. Please check in the app that the card has been activated; if it was reported lost or is suspended, please have that lifted first. Once the card can be used, we will register auto-recharge for you again.',
    '007_027':
      'Hello. To switch on auto-recharge for your payments we need you to accept the firm banking (automatic transfer) terms. Please open the app, read the firm banking terms and accept them. Once you have done so, we will register auto-recharge for you again.',
    '007_031':
      'Hello. No bank account is registered yet for auto-recharge of your payments. Please open the app and register a bank account in your own name. Once you have done so, we will register auto-recharge for you again.',
  },
  anyCustomer: {
    reason: 'The customer must look into it',
    toSay:
      'Hello. We could not switch on auto-recharge for your payments and need your help. Please check in the app that the terms are accepted, a bank account is registered and your card can be used. Once you have done so, we will register auto-recharge for you again.',
  },
  correctRejected: 'Correct this row in your list and run the list again.',
  correctProviderData:
    'Compare user id and PAR with the system they come from, correct them in failed.xlsx and run that file.',
  settleUsedUp:
    'It was called on as many nights as the job allows, so it is not called any more. Find out why; settle it with resolve, or call it again with retry.',
  correctDisputed: 'Find out whose card it is, leave only that row in the list and run the list again.',
  noRule: (code, httpStatus) =>
    code === null
      ? `no code could be read in the answer (HTTP ${httpStatus ?? 'none'})`
      : `no rule for "${code}" (HTTP ${httpStatus ?? 'none'}): give it a class under outcomes in the job file`,
  sheets: {
    summary: 'Summary',
    customers: 'Customers to call',
    data: 'Data to correct',
    developers: 'For developers',
    usedUp: 'Nights used up tonight',
    difference: 'Since last night',
  },
  changes: {
    new: 'New in the list',
    gone: 'Gone from the list',
    changed: 'Another PAR',
    newly_failing: 'Newly failing',
    cured: 'Cured',
  },
  headings: {
    customers: ['Line', 'Code', 'Reason', 'What to say to the customer'],
    data: ['Line', 'Class', 'Column to correct', 'What is wrong', 'What to do'],
    developers: [
      'Line',
      'HTTP status',
      'Code',
      'Message',
      'Correlation id',
      'Calls',
      'Last call',
      'Rule',
      'User id (masked)',
      'PAR (masked)',
      'Raw reply (masked)',
    ],
    usedUp: ['Line', 'Class', 'Code', 'Reason', 'Nights called', 'What to do'],
    difference: [
      'Change',
      'User id',
      'PAR',
      'PAR before',
      'Class before',
      'Code before',
      'Class',
      'Code',
      'Line',
      'Run before',
      'Line before',
    ],
  },
};

const byLanguage: Readonly<Record<Language, AudienceTexts>> = { ko: korean, en: english };

export function audienceTextsIn(language: Language): AudienceTexts {
  return byLanguage[language];
}

/** Returns the text for the provider's code; the general text where the code has none of its own. */
export function customerTextFor(code: string | null, texts: AudienceTexts): CustomerText {
  const known = customerCodes.find((documented) => documented === code);
  if (known === undefined) return texts.anyCustomer;
  return { reason: codeMeanings[known][texts.language], toSay: texts.customers[known] };
}
