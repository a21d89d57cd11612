import type { ListRow } from '../../domain/list-row.ts';
import type { ListRecord } from '../list-table.ts';
import { rejectHeading } from './row-content.ts';

/** Lines between members that read like headings of the rows below them; they are rejected. */
export interface HeadingLines {
  readonly lines: number;
  readonly firstLine: number;
}

/** `title`: the list's title again. `words`: only words. `note`: such as a print date. */
export type WaitingKind = 'title' | 'words' | 'note';

interface WaitingLine {
  readonly row: ListRow;
  readonly kind: WaitingKind;
}

const NONE: readonly ListRow[] = [];

/** No list has a longer foot. Where more lines wait, they are rows, though bad ones. */
const MOST_WAITING = 50;

/**
 * Holds lines without ids until their meaning is known. Below the last member they are notes. Above another header
 * they are its titles, or the sign that another table begins. Between members they are rejected rows.
 */
export class WaitingLines {
  private readonly titles = new Set<string>();
  private waiting: WaitingLine[] = [];
  private words = false;
  private noteLines = 0;
  private headingLines: HeadingLines | null = null;

  get isWaiting(): boolean {
    return this.waiting.length > 0;
  }

  /** Words that are no title of the list stand between the last row and this line. */
  get hasWords(): boolean {
    return this.words || this.waiting.some(({ kind }) => kind !== 'title');
  }

  get headings(): HeadingLines | null {
    return this.headingLines;
  }

  rememberTitle(record: ListRecord): void {
    this.titles.add(textOf(record));
  }

  isTitle(record: ListRecord): boolean {
    return this.titles.size > 0 && this.titles.has(textOf(record));
  }

  /** Returns false where too many lines wait: then this line is a row. */
  add(row: ListRow, kind: WaitingKind): boolean {
    if (this.waiting.length >= MOST_WAITING) return false;
    this.waiting.push({ row, kind });
    return true;
  }

  /** Passes over a ruler or a note beside the table, which is never a row. */
  passOver(): void {
    this.noteLines += 1;
  }

  /**
   * Returns the lines that waited, as rejected rows, because a row follows. `isWords`: that row has nothing of a
   * member.
   */
  rowFollows(isWords: boolean): readonly ListRow[] {
    this.words = isWords;
    if (this.waiting.length === 0) return NONE;
    const rows = this.waiting.map(({ row, kind }) => (kind === 'words' ? this.asHeading(row) : row));
    this.waiting = [];
    return rows;
  }

  /** Takes the lines that waited as titles of the header that follows, and returns their number. */
  headerFollows(): number {
    const titles = this.waiting.length;
    this.waiting = [];
    this.words = false;
    return titles;
  }

  /** Takes the lines that waited as notes at the end of the list, and returns the number of all notes. */
  finish(): number {
    this.noteLines += this.waiting.length;
    this.waiting = [];
    return this.noteLines;
  }

  private asHeading(row: ListRow): ListRow {
    const { lines, firstLine } = this.headingLines ?? { lines: 0, firstLine: row.line };
    this.headingLines = { lines: lines + 1, firstLine };
    return { ...row, content: rejectHeading() };
  }
}

function textOf({ cells }: ListRecord): string {
  return cells
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join('\t');
}
