import { ListRefusedError } from '../list-errors.ts';
import { MAX_ROW_BYTES } from '../list-limits.ts';
import type { ListRecord } from '../list-table.ts';
import type { SourceSession } from './postgres-session.ts';

/** A few hundred kilobytes of a usual list: large enough for the way to the server not to count. */
const PAGE_ROWS = 2_000;
const PAGE_BYTES = 4 * 1024 * 1024;
/** Asked for before anybody knows how wide the rows are. */
const FIRST_ROWS = 20;
const KIB = 1024;

/** The rows of a cursor in pages; the wider its last rows, the fewer are asked for at a time. */
export class PostgresPages {
  private readonly session: SourceSession;
  /** For sentences. */
  private readonly name: string;
  private line = 1;
  private widest = PAGE_BYTES / FIRST_ROWS;
  private countSoFar = 0;

  constructor(session: SourceSession, name: string) {
    this.session = session;
    this.name = name;
  }

  /** Rows so far by the server's own count. */
  get count(): number {
    return this.countSoFar;
  }

  /** Empty at the end. Throws ListRefusedError for a row larger than a list's may be. */
  async next(): Promise<readonly ListRecord[]> {
    const page: ListRecord[] = [];
    let bytes = 0;
    while (page.length < PAGE_ROWS && bytes < PAGE_BYTES) {
      const room = Math.max(1, Math.floor((PAGE_BYTES - bytes) / this.widest));
      const { rows, count } = await this.session.fetch(Math.min(PAGE_ROWS - page.length, room));
      this.countSoFar += count;
      if (rows.length === 0) break;
      // Of the last rows alone: one wide row must not make every later page a small one.
      this.widest = 1;
      for (const cells of rows) {
        const width = bytesOf(cells);
        if (width > MAX_ROW_BYTES) throw this.refuse();
        page.push({ line: this.line, cells });
        this.widest = Math.max(this.widest, width);
        this.line += 1;
        bytes += width;
      }
    }
    return page;
  }

  private refuse(): ListRefusedError {
    return new ListRefusedError({
      reason: 'row_too_large',
      file: this.name,
      line: this.line,
      column: null,
      what: {
        en: `the row is larger than ${MAX_ROW_BYTES / KIB} KiB`,
        ko: `이 행은 ${MAX_ROW_BYTES / KIB} KiB보다 큽니다`,
      },
      advice: {
        en: 'ask in list.postgres.query for the columns that the report needs, and no others',
        ko: 'list.postgres.query에서 보고서에 필요한 열만 조회해 주십시오',
      },
    });
  }
}

function bytesOf(cells: readonly string[]): number {
  let bytes = 0;
  for (const cell of cells) bytes += Buffer.byteLength(cell);
  return bytes;
}
