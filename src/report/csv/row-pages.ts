import { weightOf } from '../../domain/list-row.ts';
import { isUnavailable, type Queryable, type RowSource } from '../../ledger/ledger-port.ts';
import { copyReportedRows, readReportedRows, type ReportedRow } from '../../ledger/runs/reported-rows.ts';

/** Rows per page at most. Measured: larger pages are not faster and take more memory. */
const MOST_ROWS = 500;
/** Characters per page: 500 rows of 1 MiB would be half a GiB, and as much again for the page that is read ahead. */
const PAGE_CHARACTERS = 4 * 1024 * 1024;
/** Rows of the first page, before their width is known. */
const FIRST_ROWS = 20;

/**
 * Yields the run's rows in list order, some hundred at a time: with one COPY, or with one statement per page where
 * there is no COPY. If the copy breaks off, statements continue, because single statements survive a server that
 * comes back.
 */
export async function* readRowPages(
  ledger: RowSource,
  runNo: number,
  lastRowNo: number,
): AsyncGenerator<readonly ReportedRow[]> {
  let last = 0;
  if (ledger.bulk !== null) {
    try {
      for await (const rows of copyReportedRows(ledger.bulk, runNo)) {
        last = rows.at(-1)?.row_no ?? last;
        yield rows;
      }
      return;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
  }
  yield* readByStatements(ledger, runNo, { after: last, lastRowNo });
}

interface Stretch {
  readonly after: number;
  readonly lastRowNo: number;
}

/**
 * Reads the next page while the caller works on the last. The wider the rows of the last page were, the fewer are read
 * next.
 */
async function* readByStatements(
  ledger: Queryable,
  runNo: number,
  { after: first, lastRowNo }: Stretch,
): AsyncGenerator<readonly ReportedRow[]> {
  let after = first;
  let size = FIRST_ROWS;
  let next = readAhead(ledger, runNo, after, size);
  while (after < lastRowNo) {
    const page = await next;
    after += size;
    size = roomFor(page);
    if (after < lastRowNo) next = readAhead(ledger, runNo, after, size);
    yield page;
  }
}

/** Starts reading a page. Its failure is reported when the page's turn comes; until then nobody may be listening. */
function readAhead(
  ledger: Queryable,
  runNo: number,
  after: number,
  size: number,
): Promise<readonly ReportedRow[]> {
  const page = readReportedRows(ledger, runNo, after, size);
  page.catch(() => undefined);
  return page;
}

/** How many rows as heavy as the heaviest of the page make a page. */
function roomFor(page: readonly ReportedRow[]): number {
  const heaviest = page.reduce((most, { cells }) => Math.max(most, weightOf(cells)), 1);
  return Math.min(MOST_ROWS, Math.max(1, Math.floor(PAGE_CHARACTERS / heaviest)));
}
