import type { RejectionReason } from '../../domain/rejection/rejection.ts';
import type { KeptRejection } from '../../domain/rejection/rejection-words.ts';
import { rejectionOfRow } from '../kept-rejection.ts';
import type { Queryable } from '../ledger-port.ts';

export interface RejectedRows {
  readonly reason: RejectionReason;
  readonly rows: number;
  /** The first of them, in list order. */
  readonly first: readonly (KeptRejection & { readonly line: number })[];
}

/** Reads rejected rows by reason, most rows first. */
export async function readRejectedRows(
  on: Queryable,
  runNo: number,
  mostLines: number,
): Promise<RejectedRows[]> {
  return await on.query<RejectedRows>(
    `select code as reason, max(rows)::integer as rows,
            json_agg(json_build_object('line', line, 'message', message, 'rejection', rejection) order by row_no) as first
     from (
       select r.code, r.line, r.message, ${rejectionOfRow('r')} as rejection, r.row_no,
              count(*) over (partition by r.code) as rows,
              row_number() over (partition by r.code order by r.row_no) as place
       from list_row r where r.run_no = $1 and r.class = 'rejected') as rejected
     where place <= $2 group by code order by 2 desc, code collate "C"`,
    [runNo, mostLines],
  );
}
