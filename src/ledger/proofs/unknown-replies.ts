import type { Queryable } from '../ledger-port.ts';

/** The provider's answer to the last call of a row, for a developer. Ids are whole: mask them before they are shown. */
export interface RowReply {
  readonly row_no: number;
  readonly user_id: string;
  readonly par: string;
  /** The body as it came, capped; null where none is kept. */
  readonly raw_reply: string | null;
}

/** Of these rows of a run, each of which is a record. */
export async function readRepliesOfRows(
  on: Queryable,
  runNo: number,
  rowNos: readonly number[],
): Promise<RowReply[]> {
  return await on.query<RowReply>(
    `select r.row_no, r.user_id, r.par, a.raw_reply
     from list_row r left join attempt a on a.correlation_id = r.correlation_id
     where r.run_no = $1 and r.row_no = any ($2::integer[]) and r.user_id is not null order by r.row_no`,
    [runNo, rowNos],
  );
}
