import type { Actor } from '../../domain/class.ts';
import type { LifeTexts } from './life-texts.ts';

export const koreanLifeTexts: LifeTexts = {
  next: {
    underWay: '지금 호출 중입니다. 호출하던 프로세스가 종료되었다면 다음 실행에서 다시 호출합니다.',
    neverCalled: '이 건이 있는 목록의 다음 실행에서 호출합니다.',
    enrolled: '조치할 사항이 없습니다. 이미 등록되어 있어 목록에 있어도 호출하지 않습니다.',
    settled: ({ by, day, note, isCalled }) =>
      `${day} ${by}님이 종결했습니다: ${note} (${isCalled ? '목록에 있으면 다시 호출하며' : '목록에 있어도 호출하지 않으며'}, 분류나 코드가 바뀌기 전에는 조치할 사람이 없습니다)`,
    comesAgain: (nights, isCustomerFirst) =>
      isCustomerFirst
        ? `고객의 조치가 필요합니다. 다른 날 밤의 다음 목록에서 다시 호출합니다(최대 ${nights}일 더).`
        : `다음 목록에서 다시 호출합니다(최대 ${nights}일 더).`,
    nightsUsedUp: (nights) =>
      `${nights}일 밤 동안 다시 호출했으며 이제 목록에 있어도 호출하지 않습니다. 운영 담당자가 원인을 확인한 뒤 재시도(retry)를 요청해 주십시오.`,
    untilAsked: (what) => `요청이 있기 전에는 목록에 있어도 호출하지 않습니다. ${what}`,
    refused:
      '운영 담당자가 어느 게이트웨이나 방화벽이 왜 거부하는지 확인한 뒤 재시도(retry)를 요청해 주십시오.',
    toDo,
  },
  rule: {
    notSent: '전송하지 않음: 처리되지 않은 것이 확실합니다.',
    unanswered: '응답 없음: 처리되었을 수도 있습니다.',
    inquiry: '조회: 조회 결과만 반영합니다.',
    throttled: 'HTTP 429: 본문과 관계없이 처리되지 않았습니다.',
    serverError: (status) => `HTTP ${status}: 본문과 관계없이 처리되었을 수도 있습니다.`,
    redirected: (status) => `HTTP ${status}: 따라가지 않으며 실행을 중단합니다.`,
    refusedBefore: (status) => `HTTP ${status}: 제공사에 닿기 전에 거부되어 이 건에 대해 알 수 없습니다.`,
    noCode: '읽을 수 있는 코드 없음: 처리되었을 수도 있습니다.',
    saysNothing: (status) => `HTTP ${status}: 이 건에 대해 알 수 없습니다.`,
    held: (code) => `${code}: 당사 설정이 검증되지 않은 상태여서 이 건에 대해 알 수 없습니다.`,
    unknownCode: '어떤 규칙에도 없는 코드입니다.',
    onSisterCalls: (meaning) => `(다른 호출의 문서: ${meaning})`,
    changed: '이후 바뀌었거나 이 HTTP 상태에는 적용되지 않는 규칙입니다.',
    jobFile: '작업 파일 규칙',
    builtIn: '기본 규칙',
    is: (code, name) => `${code} → ${name}`,
  },
  calls: (calls, unanswered, nights) => {
    const silent = unanswered > 0 ? `, 그중 응답 없음 ${unanswered}회` : '';
    const again = nights === 0 ? '' : `, 다시 호출한 밤 ${nights}일`;
    return `${calls}회${silent}${again}`;
  },
};

function toDo(actor: Actor): string {
  if (actor === 'list_owner') return '목록 담당자가 failed.csv에서 데이터를 수정하여 다시 제출해 주십시오.';
  if (actor === 'developer')
    return '개발 담당자가 outcomes에서 이 코드의 분류를 정한 뒤 retry --code로 요청해 주십시오.';
  return '운영 담당자가 누구의 카드인지 확인한 뒤 재시도(retry)를 요청하거나 사유를 남겨 종결(resolve)해 주십시오.';
}
