import type { DeskTexts } from './desk-texts.ts';

export const koreanDeskTexts: DeskTexts = {
  title: '명단 업로드',
  otherLanguage: 'English',
  onePerson: '이 화면은 이 컴퓨터에서만 열립니다. 한 사람이 올리고 시작하며, 별도의 승인 절차는 없습니다.',
  skip: '본문으로 건너뛰기',
  uploads: {
    heading: '업로드 목록',
    none: '아직 올린 명단이 없습니다.',
    new: '명단 올리기',
    file: '명단',
    kind: '종류',
    by: '올린 사람',
    at: '올린 시각',
    state: '상태',
    more: (shown) => `최근 업로드 ${shown}건만 표시합니다.`,
  },
  facts: { bytes: '크기', hash: 'SHA-256' },
  states: {
    received: '읽는 중',
    planned: '시작할 수 있음',
    refused: '거부됨',
    asked: '순서 대기 중',
    running: '실행 중',
    ended: '끝남',
    withdrawn: '취소함',
    expired: '기한 지남',
  },
  upload: {
    heading: '명단 올리기',
    kind: '업로드 종류',
    file: '명단 파일(CSV 또는 Excel)',
    drop: '파일을 여기에 끌어다 놓거나 선택해 주십시오.',
    limits: (largest) =>
      `최대 ${largest}까지 올릴 수 있습니다. 수정한 failed.xlsx도 같은 방법으로 올리면 됩니다.`,
    send: '올리기',
    sending: '올리는 중…',
    after: '아직 아무도 호출하지 않습니다. 먼저 명단을 어떻게 읽었는지 보여 드립니다.',
  },
  problemHeading: '처리하지 못했습니다',
  back: '업로드 목록으로',
  problems: {
    not_found: '그런 페이지나 업로드가 없습니다.',
    wrong_host:
      '이 화면은 이 컴퓨터의 이름으로만 열립니다. http://127.0.0.1 또는 http://localhost 뒤에 포트를 붙여 여십시오.',
    wrong_origin: '이 화면에서 보낸 요청이 아니므로 처리하지 않았습니다.',
    old_page: '페이지를 연 지 너무 오래되었습니다. 페이지를 다시 열고 같은 작업을 반복해 주십시오.',
    no_file: '선택한 파일이 없습니다. 명단을 선택한 뒤 올려 주십시오.',
    empty_file: '내용이 없는 빈 파일입니다. 명단을 다시 저장한 뒤 올려 주십시오.',
    no_kind: '여기에서 처리하지 않는 업로드 종류입니다. 제시된 종류 가운데에서 선택해 주십시오.',
    too_large:
      '파일이 200 MiB보다 커서 아무것도 보관하지 않았습니다. 명단을 나누거나, 운영 담당자에게 파일 실행을 요청해 주십시오.',
    broken_upload: '업로드가 중간에 끊겨 아무것도 보관하지 않았습니다. 파일을 다시 올려 주십시오.',
    no_ledger:
      '지금 원장이 응답하지 않아 아무것도 처리하지 않았습니다. 1분 뒤에 다시 시도하고, 계속되면 운영 담당자에게 알려 주십시오.',
    no_room:
      '이 서버에 파일을 쓸 수 없습니다(디스크가 가득 찼거나 폴더를 쓸 수 없음). 운영 담당자에게 알려 주십시오.',
    fault:
      '서버에서 오류가 났습니다. 이 때문에 호출한 것은 없습니다. 운영 담당자에게 알려 주십시오. 사유는 로그에 있습니다.',
  },
};
