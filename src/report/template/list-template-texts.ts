import type { Language } from '../../domain/language.ts';

interface TemplateTexts {
  /** Column names that the list reader knows; the last one is only for people. */
  readonly header: readonly string[];
  readonly listSheet: string;
  readonly instructionsSheet: string;
  /** Shown by the spreadsheet when an id is typed as a number; at most 255 characters. */
  readonly notText: string;
  readonly instructions: readonly string[];
}

export const templateTexts: Readonly<Record<Language, TemplateTexts>> = {
  ko: {
    header: ['회원번호', 'PAR', '이름'],
    listSheet: '회원 목록',
    instructionsSheet: '작성 방법',
    notText:
      '이 셀은 텍스트가 아닙니다. 셀 서식을 "텍스트"로 바꾼 뒤 다시 입력해 주십시오. 숫자는 15자리까지만 저장됩니다.',
    instructions: [
      '첫 번째 시트에 한 줄에 한 건씩, 회원 한 명과 카드 한 장을 적습니다.',
      '회원번호: 숫자 1~19자리.',
      'PAR: 영문 대문자(A-Z)와 숫자(0-9)로 된 정확히 27자리.',
      '이름: 참고용이며 비워 두어도 됩니다.',
      '회원번호를 숫자로 붙여 넣지 마십시오. 엑셀은 숫자를 15자리까지만 저장하므로 그 뒤 자릿수가 0으로 바뀌며 되돌릴 수 없습니다.',
      '붙여 넣을 때는 "선택하여 붙여넣기 > 텍스트"(값만)로 붙여 넣어 셀 서식 "텍스트"를 유지해 주십시오. 숫자로 들어간 셀은 빨간색으로 표시됩니다.',
      '첫 줄(제목 줄)은 지우거나 바꾸지 마십시오.',
      '저장 형식: "Excel 통합 문서(.xlsx)" 또는 "CSV UTF-8(쉼표로 분리)".',
    ],
  },
  en: {
    header: ['user_id', 'par', 'name'],
    listSheet: 'List',
    instructionsSheet: 'How to fill in',
    notText:
      'This cell is not text. Format it as "Text" and type again: as a number only the first 15 digits are kept.',
    instructions: [
      'Fill in the first sheet: one row for one member and one card.',
      'user_id: the member number, 1 to 19 digits.',
      'par: exactly 27 characters of A-Z (capitals) and 0-9.',
      'name: for your own use, may stay empty.',
      'Never paste user ids as numbers: Excel keeps only 15 digits of a number and replaces the others with 0, which cannot be undone.',
      'Paste as text ("Paste Special > Text", values only), so that the cells keep the format "Text". A cell that became a number turns red.',
      'Do not delete or rename the first row, the header.',
      'Save as "Excel Workbook (.xlsx)" or as "CSV UTF-8 (Comma delimited)".',
    ],
  },
};
