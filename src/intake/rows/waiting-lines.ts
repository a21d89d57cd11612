import type { ListRow } from '../../domain/list-row.ts';
import type { ListRecord } from '../list-table.ts';
import { rejectHeading } from './row-content.ts';

/** Lines between members that read like headings of the rows below them, and are rejected. */
export interface HeadingLines {
  readonly lines: number;
  readonly firstLine: number;
}

/** A title of the list once more; words alone; a note such as a print date. */
export type WaitingKind = 'title' | 'words' | 'note';

interface WaitingLine {
  readonly row: ListRow;
  readonly kind: WaitingKind;
}

const NONE: readonly ListRow[] = [];

/** No list has a longer foot; more lines than that are rows, though bad ones. */
const MOST_WAITING = 50;

/**
 * Holds lines without ids until it is known what they are: under the last member they are notes; above another header
 * its titles, or what says that another table begins; between members they are rejected rows.
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

  /** Words that are no title of the list stand between the last row and here. */
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

  /** False where too many wait: the line is a row. */
  add(row: ListRow, kind: WaitingKind): boolean {
    if (this.waiting.length >= MOST_WAITING) return false;
    this.waiting.push({ row, kind });
    return true;
  }

  /** A ruler, or a note beside the table: no row wherever it stands. */
  passOver(): void {
    this.noteLines += 1;
  }

  /** A row follows. `isWords`: it is none that has anything of a member. Returns what waited, as rejected rows. */
  rowFollows(isWords: boolean): readonly ListRow[] {
    this.words = isWords;
    if (this.waiting.length === 0) return NONE;
    const rows = this.waiting.map(({ row, kind }) => (kind === 'words' ? this.asHeading(row) : row));
    this.waiting = [];
    return rows;
  }

  /** A header follows: what waited are its titles. Returns how many. */
  headerFollows(): number {
    const titles = this.waiting.length;
    this.waiting = [];
    this.words = false;
    return titles;
  }

  /** At the end of the list: what waited stands under it. Returns all lines that are notes. */
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
