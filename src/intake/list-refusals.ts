import { type ListAdvice, ListRefusedError } from './list-errors.ts';
import type { ListTable } from './list-table.ts';
import { showHeaderCell } from './shown-text.ts';

/** The place in a table that makes us refuse the table. */
interface Place {
  readonly table: ListTable;
  readonly header: readonly string[];
  readonly line: number;
  readonly index: number;
}

function placeOf({ table, header, line, index }: Place) {
  const column = showHeaderCell(header[index] ?? '');
  return {
    file: table.name,
    line,
    column: column === '' ? index + 1 : column,
    cell: table.cellName(line, index),
  };
}

/** Refuses a list where an unclosed quote made rows part of one cell. */
export function refuseSwallowed(place: Place, lastLine: number): ListRefusedError {
  return new ListRefusedError({
    reason: 'swallowed',
    ...placeOf(place),
    what: {
      en: `a quote is opened here, and up to line ${lastLine} rows of the list became part of this cell`,
      ko: `여기서 따옴표가 열려 ${lastLine}행까지 목록의 행들이 이 셀의 일부가 되었습니다`,
    },
    advice: {
      en: 'take the quote out, close it, or double a quote that belongs to the text',
      ko: '따옴표를 지우거나 닫거나, 글에 속하는 따옴표는 두 번 써 주십시오',
      atTerminal: {
        en: 'where the cell really holds such lines, give --yes',
        ko: '셀에 정말 그런 줄이 들어 있으면 --yes를 붙여 주십시오',
      },
    },
  });
}

/**
 * Refuses a list with a second header. `isSameColumns`: both id columns are where the list has them, so `--yes` can
 * accept the rows below.
 */
export function refuseSecondTable(place: Place, isSameColumns: boolean): ListRefusedError {
  const what = {
    en: 'another table begins here: the header stands here again',
    ko: '여기서 다른 표가 시작됩니다: 제목 행이 다시 나옵니다',
  };
  return new ListRefusedError({
    reason: 'second_table',
    ...placeOf(place),
    what: isSameColumns
      ? { en: `${what.en}, below other words`, ko: `${what.ko} (그 위에 다른 글이 있습니다)` }
      : { en: `${what.en}, with other columns`, ko: `${what.ko} (열의 자리가 다릅니다)` },
    advice: isSameColumns ? TAKE_OUT_OR_YES : TAKE_OUT,
  });
}

const TAKE_OUT: ListAdvice = {
  en: 'take the lines of the other table out of the list, or save them as a list of their own',
  ko: '다른 표의 줄을 목록에서 빼거나 따로 목록으로 만들어 주십시오',
};
const TAKE_OUT_OR_YES: ListAdvice = {
  ...TAKE_OUT,
  atTerminal: {
    en: 'where its members are meant too, give --yes',
    ko: '그 회원들도 대상이면 --yes를 붙여 주십시오',
  },
};

/** Refuses a file that ends inside its last user id. */
export function refuseCutOff(place: Place): ListRefusedError {
  return new ListRefusedError({
    reason: 'cut_off',
    ...placeOf(place),
    what: {
      en: 'the file ends here without a line end, inside a user id that is shorter than all others: it was cut off, and the id may be another member’s',
      ko: '줄 끝 없이 여기서 파일이 끝나고, 마지막 회원번호가 다른 모든 번호보다 짧습니다. 파일이 잘려 다른 회원의 번호가 되었을 수 있습니다',
    },
    advice: {
      en: 'copy or export the list again, to its end',
      ko: '목록을 끝까지 다시 복사하거나 내보내 주십시오',
      atTerminal: {
        en: 'where this really is its end, give --yes, or say list.mayEndWithoutLineEnd: true in a job file',
        ko: '정말 여기가 끝이면 --yes를 붙이거나 작업 파일에 list.mayEndWithoutLineEnd: true를 적어 주십시오',
      },
    },
  });
}
