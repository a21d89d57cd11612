import type { LedgerTexts } from './ledger-texts.ts';

export const koreanLedgerTexts: LedgerTexts = {
  navigation: { label: '화면 메뉴', runs: '실행 목록' },
  runs: {
    heading: '실행 목록',
    none: '여기에서 처리하는 작업의 실행이 아직 없습니다.',
    noOlder: '이전 실행이 더 없습니다.',
    began: '시작',
    ended: '종료',
    underWay: '아직 끝나지 않음',
    older: '이전 실행 보기',
    newest: '최근 실행 보기',
    back: '실행 목록으로',
  },
  run: {
    soFar: '진행 상황',
    results: (done, rows) => `전체 ${rows}행 중 ${done}행의 결과가 나왔습니다.`,
    lookAgain: '새로 고침',
    brokenNow: '이 화면을 위해 합계를 다시 검증했으며, 일치하지 않습니다.',
    unproved: '검증할 수 없으나 오류는 아닌 사항:',
    folder: '이 화면을 위해 합계를 다시 검증했습니다. 실행 결과 파일은 report --verify 명령으로 확인합니다.',
  },
};
