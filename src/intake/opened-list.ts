import type { ListRow } from '../domain/list-row.ts';
import type { EncodingChoice } from './csv/encoding-choice.ts';
import type { CellCounts } from './list-counter.ts';
import type { ListTable } from './list-table.ts';
import type { ListTotals } from './totals-check.ts';
import type { FrequentMembers } from './rows/frequent-members.ts';
import type { OpenEnd } from './rows/last-line.ts';
import type { HeadingLines } from './rows/waiting-lines.ts';
import type { ZeroEndedIds } from './rows/zero-ended-ids.ts';

/** A list whose header was read and found good; one interface for every kind of source. */
export interface OpenedList {
  /** Base name of the file, or what the query is called. */
  readonly name: string;
  readonly format: ListTable['format'];
  /**
   * The list's own header cells, the columns an earlier run of ours added already dropped. Of a workbook, once it was read
   * to its end, with an empty one for each filled column beyond its header.
   */
  readonly header: readonly string[];
  /** Null where the header is no line of the list. */
  readonly headerLine: number | null;
  /** A text encoding, `xlsx` or `postgres`. */
  readonly encoding: string;
  /** How the encoding was found; null where there is none. */
  readonly verdict: EncodingChoice | null;
  /** Empty where nothing divides cells. */
  readonly delimiter: string;
  /** Of a workbook; null for other sources. */
  readonly sheets: ListTable['sheets'];
  /** Indexes into `header`. */
  readonly columns: { readonly userId: number; readonly par: number };
  /** The list is one of our own result files, given back to be run again. */
  readonly handedBack: boolean;
  /**
   * Reads the list from its beginning, in sets of equal size; those of wide rows and the last may be smaller, one in which
   * lines waited for the next row a few rows larger, none is empty. Throws
   * ListRefusedError as soon as the content can't be trusted, also after sets were handed out.
   */
  rows(signal?: AbortSignal): AsyncIterable<readonly ListRow[]>;
  /** Of the last reading that came to its end. Counted by the parser, not from the sets handed out. */
  counts(): ListCounts;
  /** Whose cards may be too many for one person; of the last reading that came to its end. Holds ids. */
  frequentMembers(): FrequentMembers;
  /** Of all bytes of the file, taken in the same reading that handed out the rows. */
  sha256(): string;
}

export interface ListCounts extends CellCounts {
  /** By the parser's count of records, less those that are no rows. */
  readonly rowsRead: number;
  /** Lines that are empty or hold nothing but blanks. */
  readonly blankLines: number;
  /** Lines above the header. */
  readonly titleLines: number;
  /** Lines below the header that name both columns again, as in files that were joined. */
  readonly headerLines: number;
  /** Lines that sum up the rows above them. */
  readonly totalsLines: number;
  /** Lines without ids under the list, rulers, and notes beside the table. */
  readonly noteLines: number;
  /** Rejected rows that read like headings of those below them; null: none does. */
  readonly headings: HeadingLines | null;
  /** What they give as the count of rows; null: none gives any. */
  readonly totals: ListTotals | null;
  /** Ids that would have refused the list, had the job not said that they may end in zeros; null: none. */
  readonly zeroEnded: ZeroEndedIds | null;
  /** Cells that hold whole rows of the list, let pass by a person. */
  readonly swallowingCells: number;
  /** The file ends inside one of the two ids, without a line end; null for any other end. */
  readonly openEnd: OpenEnd | null;
}
