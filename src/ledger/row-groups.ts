import type { CallClass, RowClass } from '../domain/class.ts';
import type { RejectionReason } from '../domain/list-row.ts';
import type { Queryable } from './ledger-port.ts';

/** Rows that ended alike: by code and class; those without a code by what HTTP said. */
export interface AnsweredRows {
  readonly code: string | null;
  /** Of those without a code. */
  readonly httpStatus: number | null;
  readonly class: RowClass;
  readonly rows: number;
  /** Of any of them. */
  readonly message: string | null;
  /** All kinds of answers there are, also those beyond `most`. */
  readonly kinds: number;
}

/** Most rows first. Rows without an answer, and rejected ones, are left out. */
export async function readAnsweredRows(on: Queryable, runNo: number, most: number): Promise<AnsweredRows[]> {
  return await on.query<AnsweredRows>(
    `select code, case when code is null then http_status end as "httpStatus", coalesce(class, 'unprocessed') as class,
            count(*)::integer as rows, min(message collate "C") as message, (count(*) over ())::integer as kinds
     from list_row
     where run_no = $1 and class is distinct from 'rejected' and (code is not null or (attempts > 0 and not kept))
     group by 1, 2, 3 order by 4 desc, code collate "C", 2, 3 limit $2`,
    [runNo, most],
  );
}

/** Rows of the classes that come again which have come often enough, and that no person has settled. */
export async function countNightsUsedUp(
  on: Queryable,
  runNo: number,
  { classes, nights }: { readonly classes: readonly CallClass[]; readonly nights: number },
): Promise<ReadonlyMap<RowClass, number>> {
  const rows = await on.query<{ class: RowClass; rows: number }>(
    `select class, count(*)::integer as rows from list_row
     where run_no = $1 and class = any($2::text[]) and nights >= $3 and resolution_no is null group by class`,
    [runNo, classes, nights],
  );
  return new Map(rows.map((row) => [row.class, row.rows]));
}

export interface RejectedRows {
  readonly reason: RejectionReason;
  readonly rows: number;
  /** The first of them, in list order. */
  readonly first: readonly { readonly line: number; readonly message: string }[];
}

/** By reason, most rows first. */
export async function readRejectedRows(
  on: Queryable,
  runNo: number,
  mostLines: number,
): Promise<RejectedRows[]> {
  return await on.query<RejectedRows>(
    `select code as reason, max(rows)::integer as rows,
            json_agg(json_build_object('line', line, 'message', coalesce(message, '')) order by row_no) as first
     from (
       select code, line, message, row_no, count(*) over (partition by code) as rows,
              row_number() over (partition by code order by row_no) as place
       from list_row where run_no = $1 and class = 'rejected') as rejected
     where place <= $2 group by code order by 2 desc, code collate "C"`,
    [runNo, mostLines],
  );
}
