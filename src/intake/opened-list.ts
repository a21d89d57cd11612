import type { ListRow } from '../domain/list-row.ts';
import type { CellCounts } from './list-counter.ts';
import type { ListFormat } from './list-format.ts';
import type { ListTotals } from './totals-check.ts';
import type { FrequentMembers } from './rows/frequent-members.ts';
import type { OpenEnd } from './rows/last-line.ts';
import type { HeadingLines } from './rows/waiting-lines.ts';
import type { ZeroEndedIds } from './rows/zero-ended-ids.ts';

/** A list whose header was read and accepted; the same interface for every kind of source. */
export interface OpenedList extends ListFormat {
  /** Base name of the file, or what the query is called. */
  readonly name: string;
  /**
   * The list's own header cells, without the columns an earlier run of ours added. A workbook that was read to its
   * end has an empty cell for each filled column beyond its header.
   */
  readonly header: readonly string[];
  /** Line of the header; null where the header is not a line of the list. */
  readonly headerLine: number | null;
  /** Positions of the two id columns in `header`. */
  readonly columns: { readonly userId: number; readonly par: number };
  /** The list is one of our own result files, given back to be run again. */
  readonly handedBack: boolean;
  /**
   * Reads the list from its beginning in sets of equal size. Sets of wide rows and the last set may be smaller; a set
   * may be a few rows larger where lines had to wait for the next row; none is empty. Throws ListRefusedError as soon
   * as the content can't be trusted, even after sets were handed out.
   */
  rows(signal?: AbortSignal): AsyncIterable<readonly ListRow[]>;
  /**
   * Counts of the last reading that reached the end. The parser counts them, independently of the sets handed out.
   */
  counts(): ListCounts;
  /** Members who may have too many cards for one person, from the last reading that reached the end. Holds ids. */
  frequentMembers(): FrequentMembers;
  /** SHA-256 of all bytes of the file, taken in the reading that handed out the rows. */
  sha256(): string;
}

export interface ListCounts extends CellCounts {
  /** The parser's count of records, less those that are no rows. */
  readonly rowsRead: number;
  /** Lines that are empty or hold nothing but blanks. */
  readonly blankLines: number;
  /** Lines above the header. */
  readonly titleLines: number;
  /** Lines below the header that name both columns again, as in joined files. */
  readonly headerLines: number;
  /** Totals lines: lines that sum up the rows above them. */
  readonly totalsLines: number;
  /** Lines without ids below the list, ruler lines, and notes beside the table. */
  readonly noteLines: number;
  /** Rejected rows that read like headings of the rows below them; null where there are none. */
  readonly headings: HeadingLines | null;
  /** The row count that the totals lines give; null where they give none. */
  readonly totals: ListTotals | null;
  /**
   * Ids that would have refused the list if the job had not allowed ids that end in zeros; null where there are none.
   */
  readonly zeroEnded: ZeroEndedIds | null;
  /** Cells that contain whole rows of the list, which a person has accepted. */
  readonly swallowingCells: number;
  /** Set where the file ends inside one of the two ids without a line end; null for any other end. */
  readonly openEnd: OpenEnd | null;
}
