import type { RecordTexts } from './record-texts.ts';

const NOTHING = '조치할 사항이 없습니다.';

export const koreanRecordTexts: RecordTexts = {
  language: 'ko',
  classes: {
    enrolled: {
      name: '등록 완료',
      meaning: '이번 실행에서 결제 시 자동충전이 등록되었습니다.',
      toDo: NOTHING,
    },
    recovered: {
      name: '등록 완료(재확인)',
      meaning: '응답을 받지 못했던 이전 호출이 처리되었음을 제공사가 확인해 주었습니다.',
      toDo: NOTHING,
    },
    already_active: {
      name: '이미 등록됨',
      meaning: '당사의 첫 호출 전에 이미 자동충전이 등록되어 있었습니다.',
      toDo: NOTHING,
    },
    already_done: {
      name: '기존 등록 건',
      meaning: '이전 실행에서 등록이 확인되어 다시 호출하지 않았습니다.',
      toDo: NOTHING,
    },
    action_required: {
      name: '고객 조치 필요',
      meaning: '약관 미동의, 충전 계좌 미등록 또는 비활성 카드입니다.',
      toDo: '코드에 맞는 조치를 고객에게 안내해 주십시오. 이후 실행에서 자동으로 다시 호출합니다.',
    },
    bad_data: {
      name: '데이터 오류',
      meaning: '제공사에 해당하는 유효한 PAR가 없거나 값이 올바르지 않습니다.',
      toDo: 'failed.xlsx에서 회원번호 또는 PAR를 수정한 후 그 파일을 다시 실행해 주십시오.',
    },
    conflict: {
      name: '충돌',
      meaning: '이 PAR에 이미 다른 플랜이 설정되어 있습니다. 다른 회원의 플랜일 수 있습니다.',
      toDo: '제공사에 어느 회원의 플랜인지 확인한 후 재시도하거나 사유를 남겨 종결해 주십시오.',
    },
    unknown_code: {
      name: '알 수 없는 코드',
      meaning: '제공사가 코드표에 없는 코드로 응답했습니다.',
      toDo: '제공사에 코드의 의미를 문의한 후 작업 파일에서 분류를 지정해 주십시오.',
    },
    ambiguous: {
      name: '확인 불가',
      meaning: '완전한 응답을 받지 못해 처리 여부를 알 수 없습니다.',
      toDo: '자동으로 다시 호출하며, 그때 처리 여부가 확인됩니다.',
    },
    transient: {
      name: '일시적 실패',
      meaning: '호출이 처리되지 않은 것이 확실합니다.',
      toDo: '자동으로 다시 호출합니다.',
    },
    rejected: {
      name: '거부된 행',
      meaning: '행의 내용이 올바르지 않아 호출하지 않았습니다.',
      toDo: '메시지에 따라 목록의 행을 수정한 후 다시 보내 주십시오.',
    },
    duplicate: {
      name: '중복 행',
      meaning: '같은 건이 목록의 앞쪽에 있으며, 앞의 행만 처리했습니다.',
      toDo: NOTHING,
    },
    disputed: {
      name: '회원 불일치 PAR',
      meaning: '하나의 PAR에 여러 회원번호가 있어(함께 실행한 다른 목록 포함) 모두 호출하지 않았습니다.',
      toDo: '카드의 실제 회원을 확인하여 해당 행만 목록에 남겨 주십시오.',
    },
    unprocessed: {
      name: '미처리',
      meaning: '이 행의 결과가 나오기 전에 실행이 종료되었습니다.',
      toDo: '다시 실행하면 이어서 처리합니다.',
    },
  },
  actors: {
    nobody: '없음',
    customer: '고객',
    list_owner: '목록 담당자',
    operations: '운영 담당자',
    developer: '개발자',
  },
  onceMended: '없음(중단 원인 해결 후)',
  unknownCode: '제공사 문서에 없는 코드',
  onSisterCalls: ({ en, ko }) => `다른 호출의 문서에서는 ${ko} (on sister calls: ${en})`,
  classGivers: {
    job_file: '작업 파일의 outcomes에서 정한 분류입니다',
    former_rule:
      '제공사가 실패로 정의한 코드를 이전 outcomes 규칙(현재 허용되지 않음)으로 성공 처리한 건입니다',
  },
  reasons: {
    user_id_missing: '회원번호가 없음',
    user_id_format: '회원번호에 숫자가 아닌 문자가 있음',
    user_id_zero: '회원번호가 0임',
    user_id_length: '회원번호가 19자리를 넘음',
    user_id_error: '회원번호 셀이 엑셀 오류 값임',
    par_missing: 'PAR가 없음',
    par_length: 'PAR가 27자가 아님',
    par_lower_case: 'PAR에 소문자가 있음',
    par_format: 'PAR에 A-Z, 0-9 이외의 문자가 있음',
    par_error: 'PAR 셀이 엑셀 오류 값임',
    cells: '행의 셀 수가 머리글과 다름',
    heading: '회원 사이의 소제목처럼 글만 있는 줄',
  },
  breakKinds: {
    not_enrolled: {
      name: '목록에 있으나 미등록',
      meaning: '목록에 있는 건이 원장에 등록 완료로 기록되어 있지 않습니다.',
      toDo: '해당 건의 분류에 따라 고객, 목록 담당자 또는 운영 담당자가 조치해야 합니다.',
    },
    no_longer_listed: {
      name: '등록되었으나 목록에 없음',
      meaning: '이전 목록으로 등록된 건이 이번 목록에 없습니다.',
      toDo: '회원이 탈퇴했는지 목록 담당자에게 확인해 주십시오.',
    },
    par_changed: {
      name: 'PAR 변경',
      meaning: '회원의 PAR가 등록된 PAR와 다릅니다.',
      toDo: '카드 재발급 여부와 이전 카드 플랜의 처리 방법을 확인해 주십시오.',
    },
    old_card: {
      name: '이전 카드 (다른 카드가 등록됨)',
      meaning: '이 카드는 목록에 없으며, 같은 회원의 새 카드가 목록에 있고 등록되어 있습니다.',
      toDo: '제공사에 이전 카드의 플랜 해지를 요청하거나, 그대로 두는 사유를 남겨 주십시오.',
    },
    unknown_to_us: {
      name: '제공사에만 있음',
      meaning: '회원의 플랜에 있는 PAR가 원장에 성공으로 기록되어 있지 않습니다.',
      toDo: '누가 등록했는지 확인하고, 당사 건이면 목록으로 등록해 주십시오.',
    },
    missing_at_provider: {
      name: '원장에만 있음',
      meaning: '원장에는 등록 완료이나 회원의 플랜에 해당 PAR가 없습니다.',
      toDo: '제공사에 문의하고, 플랜이 없어졌다면 --again으로 다시 호출해 주십시오.',
    },
    other_member: {
      name: '다른 회원에게 등록됨',
      meaning: '이 PAR가 다른 회원의 플랜에 있습니다.',
      toDo: '카드의 실제 회원을 제공사에 확인해 주십시오.',
    },
  },
  breakStates: { open: '미해결', explained: '소명됨', closed: '해소됨' },
  ages: { '0': '오늘 밤', '1-2': '1~2일', '3-7': '3~7일', '8-30': '8~30일', '31+': '31일 이상' },
};
