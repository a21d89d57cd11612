import { isUnavailable, type Queryable, type RowSource } from '../../ledger/ledger-port.ts';
import { copyReportedRows, readReportedRows, type ReportedRow } from '../../ledger/runs/reported-rows.ts';

/** Rows a page; measured: larger ones are no faster and hold more memory. */
const PAGE = 500;

/**
 * The run's rows in list order, some hundred at a time: by one COPY, or a page a statement where there is none. Where the
 * copy breaks off the pages go on, since single statements outlast a server that comes back.
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

/** The next page is on its way while the last is worked on. */
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

/** Its failure is heard when the page's turn comes; nobody may be listening before, or ever. */
function readAhead(ledger: Queryable, runNo: number, after: number): Promise<readonly ReportedRow[]> {
  const page = readReportedRows(ledger, runNo, after, PAGE);
  page.catch(() => undefined);
  return page;
}
