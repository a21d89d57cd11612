import type { Words } from '../../domain/language.ts';
import { damageOfMarks, damageOfText, type CellDamage } from './damaged-cell.ts';
import { isPar, isUserId } from './id-cell.ts';
import { ListRefusedError } from '../list-errors.ts';
import type { ListRecord, ListTable } from '../list-table.ts';
import { FloatIdWatch, type FloatIds } from './float-ids.ts';
import type { ReadRow } from './read-row.ts';
import type { IdCells, RowLayout } from './row-content.ts';
import { showHeaderCell, showMaskedCell } from '../shown-text.ts';
import { ZeroEndedIdWatch, type ZeroEndedIds } from './zero-ended-ids.ts';

/** A cell whose id is lost. */
interface DamagedCell {
  readonly damage: CellDamage;
  readonly line: number;
  readonly index: number;
  readonly text: string;
}

const MOST_TOLD = 5;

/**
 * Checks every row's ids for damage that a spreadsheet did to them. One damaged cell is enough: nobody can see what
 * else the spreadsheet changed, so the whole list is refused at its end, with the first damaged cells and their
 * number. The rest of the line must look like a member: a print date or a sum below the rows is no damaged id.
 */
export class DamageWatch {
  private readonly table: ListTable;
  private readonly layout: RowLayout;
  private readonly mayEndInZeros: boolean;
  private readonly zeroEnded = new ZeroEndedIdWatch();
  private readonly floats = new FloatIdWatch();
  private readonly cells: DamagedCell[] = [];
  private count = 0;

  constructor(table: ListTable, layout: RowLayout, mayEndInZeros: boolean) {
    this.table = table;
    this.layout = layout;
    this.mayEndInZeros = mayEndInZeros;
  }

  get hasFound(): boolean {
    return this.count > 0;
  }

  look(record: ListRecord, { ids, content }: ReadRow): void {
    // An id that can be read is not damaged, unless the source knows more about the cell than its text.
    if (content.kind !== 'record' || record.marks !== undefined) this.lookAtCells(record, ids);
    if (!/^[1-9]\d{15,18}$/.test(ids.userId.text)) return;
    this.zeroEnded.look(ids.userId.text, record.line);
    this.floats.look(ids.userId.text, record.line);
  }

  private lookAtCells(record: ListRecord, ids: IdCells): void {
    const { userId, par } = this.layout.columns;
    const [ofUserId, ofPar] = [
      damageOfCell(record, userId, ids.userId.text),
      damageOfCell(record, par, ids.par.text),
    ];
    const areBoth = ofUserId !== null && ofPar !== null && (ofUserId !== 'date' || ofPar !== 'date');
    if (ofUserId !== null && (areBoth || isPar(ids.par.text))) {
      this.keep({ damage: ofUserId, line: record.line, index: userId, text: ids.userId.text });
    }
    if (ofPar !== null && (areBoth || isUserId(ids.userId.text))) {
      this.keep({ damage: ofPar, line: record.line, index: par, text: ids.par.text });
    }
  }

  /** Returns ids that may have been rounded; null where there are none. Throws ListRefusedError. */
  finish(): ZeroEndedIds | null {
    const [first] = this.cells;
    if (first !== undefined) throw this.refuseCells(first);
    const zeroEnded = this.zeroEnded.finish();
    if (zeroEnded !== null && !this.mayEndInZeros) throw this.refuseZeroEnded(zeroEnded);
    const floats = this.floats.finish();
    if (floats !== null && !this.mayEndInZeros) throw this.refuseFloats(floats);
    return zeroEnded;
  }

  private keep(cell: DamagedCell): void {
    this.count += 1;
    if (this.cells.length < MOST_TOLD) this.cells.push(cell);
  }

  private refuseCells(first: DamagedCell): ListRefusedError {
    const more = this.count - this.cells.length;
    const shown = (language: 'en' | 'ko'): string =>
      this.cells.map((cell) => `${this.place(cell)[language]} ${showMaskedCell(cell.text)}`).join(', ');
    const { en, ko } = whatHappened[first.damage];
    return new ListRefusedError({
      reason: 'damaged',
      file: this.table.name,
      line: first.line,
      column: this.layout.header[first.index] ?? first.index + 1,
      cell: this.table.cellName(first.line, first.index),
      what: {
        en: `${en} (${shown('en')}${more > 0 ? ` and ${more} more` : ''})`,
        ko: `${ko} (${shown('ko')}${more > 0 ? ` 외 ${more}개` : ''})`,
      },
      advice: this.advice(),
    });
  }

  private advice(): Words {
    return this.table.format === 'postgres' ? READ_AGAIN : EXPORT_AGAIN;
  }

  private place({ line, index }: DamagedCell): Words {
    const name = showHeaderCell(this.layout.header[index] ?? String(index + 1));
    return this.table.cellName(line, index) ?? { en: `line ${line} ${name}`, ko: `${line}행 ${name}` };
  }

  private refuseZeroEnded({ length, ids, zeroEnded, firstLine }: ZeroEndedIds): ListRefusedError {
    return this.refuseRounded(firstLine, {
      en: `${zeroEnded} ${ids === null ? 'ids one after the other' : `of ${ids} different ids`} with ${length} digits have only zeros after the 15th digit, more often than by chance: a spreadsheet read them as numbers and kept only 15 digits`,
      ko: `${length}자리 회원번호 ${ids === null ? `${zeroEnded}개가 잇달아` : `${ids}개 가운데 ${zeroEnded}개가`} 16번째 자리부터 모두 0입니다. 우연보다 많으므로 스프레드시트가 숫자로 읽어 15자리만 남긴 것입니다`,
    });
  }

  private refuseFloats({ ids, rounded, firstLine }: FloatIds): ListRefusedError {
    return this.refuseRounded(firstLine, {
      en: `${rounded} of ${ids} different long ids are numbers of the kind that floating point can hold, more often than by chance: a program kept them as floating-point numbers, and their last digits are another member's`,
      ko: `긴 회원번호 ${ids}개 가운데 ${rounded}개가 부동소수점으로 나타낼 수 있는 숫자입니다. 우연보다 많으므로 어떤 프로그램이 부동소수점 숫자로 바꾸어 끝자리가 다른 회원의 것이 되었습니다`,
    });
  }

  private refuseRounded(line: number, what: Words): ListRefusedError {
    const { userId } = this.layout.columns;
    return new ListRefusedError({
      reason: 'damaged',
      file: this.table.name,
      line,
      column: this.layout.header[userId] ?? userId + 1,
      cell: this.table.cellName(line, userId),
      what,
      advice: {
        ...this.advice(),
        atTerminal: {
          en: 'where such an id is the same in the system it came from, give --yes, or set list.idsMayEndInZeros: true in a job file',
          ko: '원래 시스템에서도 그런 번호라면 --yes를 붙이거나 작업 파일에 list.idsMayEndInZeros: true를 적어 주십시오',
        },
      },
    });
  }
}

function damageOfCell({ marks }: ListRecord, index: number, text: string): CellDamage | null {
  const ofMarks = marks === undefined ? null : damageOfMarks(marks.filter((mark) => mark.index === index));
  return ofMarks ?? damageOfText(text);
}

const whatHappened: Readonly<Record<CellDamage, Words>> = {
  scientific: {
    en: 'a spreadsheet turned ids into numbers with an exponent, and their last digits are lost',
    ko: '스프레드시트가 식별자를 지수 표기 숫자로 바꾸어 끝자리가 사라졌습니다',
  },
  date: {
    en: 'a spreadsheet turned ids into dates',
    ko: '스프레드시트가 식별자를 날짜로 바꾸었습니다',
  },
  rounded: {
    en: 'ids are stored as numbers of more than 15 digits, which a spreadsheet rounds',
    ko: '식별자가 15자리를 넘는 숫자로 들어 있어 스프레드시트가 반올림했습니다',
  },
  float: {
    en: 'ids are stored as decimal numbers of more than 15 digits, which the program that wrote them has rounded',
    ko: '식별자가 15자리를 넘는 소수로 들어 있어 기록한 프로그램이 반올림했습니다',
  },
};

const READ_AGAIN: Words = {
  en: 'load the ids into the database again from the system they came from, as text or numeric(19); where the column is an exact numeric with decimals, cast it in list.postgres.query, as in user_id::numeric(19)',
  ko: '원래 시스템에서 식별자를 text나 numeric(19)로 데이터베이스에 다시 넣어 주십시오. 소수 자리가 있는 numeric 열이면 list.postgres.query에서 user_id::numeric(19)처럼 바꾸어 주십시오',
};
export const EXPORT_AGAIN: Words = {
  en: 'export the list again from the system it came from and do not open it in Excel in between; if you must, read it with Data > From Text/CSV and set the id columns to Text',
  ko: '원래 시스템에서 목록을 다시 내보내고 도중에 엑셀로 열지 마십시오. 엑셀에서는 데이터 > 텍스트/CSV에서로 불러와 식별자 열을 텍스트로 지정해 주십시오',
};
