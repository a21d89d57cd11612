import type { Queryable } from '../../ledger/ledger-port.ts';
import { readReportedRows, type ReportedRow } from '../../ledger/runs/list-row-table.ts';

/** Rows a page; measured: larger ones are no faster and hold more memory. */
const PAGE = 500;

/** The run's rows in list order, a page at a time; the next one is on its way while the last is worked on. */
export async function* readRowPages(
  ledger: Queryable,
  runNo: number,
  lastRowNo: number,
): AsyncGenerator<readonly ReportedRow[]> {
  let next = readAhead(ledger, runNo, 0);
  for (let after = 0; after < lastRowNo; after += PAGE) {
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
