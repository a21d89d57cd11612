import { ListRefusedError } from '../list-errors.ts';
import { MAX_ROW_BYTES } from '../list-limits.ts';
import type { ListRecord } from '../list-table.ts';
import type { SourceSession } from './postgres-session.ts';

/** A page of a usual list has a few hundred kilobytes, so that the round trip to the server hardly counts. */
const PAGE_ROWS = 2_000;
const PAGE_BYTES = 4 * 1024 * 1024;
/** Rows asked for first, before the width of the rows is known. */
const FIRST_ROWS = 20;
const KIB = 1024;

/** Reads the rows of a cursor in pages. The wider the last rows were, the fewer are asked for next. */
export class PostgresPages {
  private readonly session: SourceSession;
  /** Name of the list, for messages. */
  private readonly name: string;
  private line = 1;
  private widest = PAGE_BYTES / FIRST_ROWS;
  private countSoFar = 0;

  constructor(session: SourceSession, name: string) {
    this.session = session;
    this.name = name;
  }

  /** Rows read so far, by the server's own count. */
  get count(): number {
    return this.countSoFar;
  }

  /** Returns the next rows; empty at the end. Throws ListRefusedError for a row larger than any list may have. */
  async next(): Promise<readonly ListRecord[]> {
    const page: ListRecord[] = [];
    let bytes = 0;
    while (page.length < PAGE_ROWS && bytes < PAGE_BYTES) {
      const room = Math.max(1, Math.floor((PAGE_BYTES - bytes) / this.widest));
      const { rows, count } = await this.session.fetch(Math.min(PAGE_ROWS - page.length, room));
      this.countSoFar += count;
      if (rows.length === 0) break;
      // Measure the last page alone: one wide row must not make every later page small.
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
