import type { Language, Words } from '../../domain/language.ts';
import type { ListRow } from '../../domain/list-row.ts';
import type { Rejection } from '../../domain/rejection/rejection.ts';
import { wordsOfRejection } from '../../domain/rejection/rejection-words.ts';
import { ListRefusedError } from '../list-errors.ts';

/** In a shorter list nearly equal rejections prove nothing, and people look at each row anyway. */
const FEWEST_ROWS = 20;
const LARGEST_SHARE = 0.9;
const SHOWN_LINES = 3;

interface Rejections {
  readonly reason: string;
  readonly column: string | null;
  rows: number;
  /** Line and fault of the first rejected rows. */
  readonly first: { readonly line: number; readonly rejection: Rejection }[];
}

/**
 * Notices a list in which nearly every row is rejected for one reason in one column: it is the wrong column, or a
 * program damaged the whole column. A report of so many rejected rows would help nobody.
 */
export class RejectionWatch {
  private readonly byReason = new Map<string, Rejections>();

  look({ line, content }: ListRow): void {
    if (content.kind !== 'rejected' || content.rejection.reason === 'heading') return;
    const { rejection } = content;
    const { reason } = rejection;
    const column = rejection.reason === 'cells' ? null : rejection.column;
    const key = `${reason} ${column ?? ''}`;
    const found = this.byReason.get(key) ?? { reason, column, rows: 0, first: [] };
    this.byReason.set(key, found);
    found.rows += 1;
    if (found.first.length < SHOWN_LINES) found.first.push({ line, rejection });
  }

  /** Returns the refusal at the end of such a list; null for any other list. */
  finish(file: string, rows: number): ListRefusedError | null {
    if (rows < FEWEST_ROWS) return null;
    const most = [...this.byReason.values()].find((found) => found.rows >= rows * LARGEST_SHARE);
    return most === undefined ? null : refuse(file, rows, most);
  }
}

function refuse(
  file: string,
  rows: number,
  { reason, column, rows: rejected, first }: Rejections,
): ListRefusedError {
  const where: Words =
    column === null ? { en: '', ko: '' } : { en: ` in column "${column}"`, ko: ` ("${column}" 열)` };
  return new ListRefusedError({
    reason: 'rejected',
    file,
    line: first[0]?.line ?? null,
    column,
    what: {
      en: `${rejected} of ${rows} rows would be rejected for the same reason${where.en}, ${reason}: ${shown(first, 'en')}`,
      ko: `${rows}건 가운데 ${rejected}건이 같은 이유(${reason})로 거부됩니다${where.ko}: ${shown(first, 'ko')}`,
    },
    advice: {
      en: 'check that it is the right column and export the list again',
      ko: '맞는 열인지 확인하고 목록을 다시 내보내 주십시오',
      atTerminal: {
        en: '--map, or list.columns in a job file, names the column; if the list is right, --yes rejects those rows and calls the others',
        ko: '열은 --map이나 작업 파일의 list.columns로 지정합니다. 정말 그런 목록이면 --yes로 그 행들만 거부하고 나머지를 처리합니다',
      },
    },
  });
}

function shown(first: Rejections['first'], language: Language): string {
  return first
    .map(({ line, rejection }) => {
      const sentence = wordsOfRejection(rejection)[language].replace(/\.$/, '');
      return language === 'en' ? `line ${line}: ${sentence}` : `${line}행: ${sentence}`;
    })
    .join(' · ');
}
