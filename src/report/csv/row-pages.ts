import { isUnavailable, type Queryable, type RowSource } from '../../ledger/ledger-port.ts';
import { copyReportedRows, readReportedRows, type ReportedRow } from '../../ledger/runs/reported-rows.ts';

/** Rows per page. Measured: larger pages are not faster and take more memory. */
const PAGE = 500;

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

/** Reads the next page while the caller works on the last. */
async function* readByStatements(
  ledger: Queryable,
  runNo: number,
  { after: first, lastRowNo }: Stretch,
): AsyncGenerator<readonly ReportedRow[]> {
  let next = readAhead(ledger, runNo, first);
  for (let after = first; after < lastRowNo; after += PAGE) {
    const page = await next;
    if (after + PAGE < lastRowNo) next = readAhead(ledger, runNo, after + PAGE);
    yield page;
  }
}

/** Starts reading a page. Its failure is reported when the page's turn comes; until then nobody may be listening. */
function readAhead(ledger: Queryable, runNo: number, after: number): Promise<readonly ReportedRow[]> {
  const page = readReportedRows(ledger, runNo, after, PAGE);
  page.catch(() => undefined);
  return page;
}
