import { comesAgainClasses, rowClasses, whoMustAct, type RowClass } from '../../domain/class.ts';
import type { RejectionReason } from '../../domain/rejection/rejection.ts';
import type { KeptRejection } from '../../domain/rejection/rejection-words.ts';
import type { ClassGiver } from '../../domain/provider-code.ts';
import type { Work } from '../../domain/work.ts';
import { rejectionOfRow } from '../kept-rejection.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/** Rows that ended alike: with the same code and class, or, without a code, with the same HTTP status. */
export interface AnsweredRows {
  readonly code: string | null;
  /** The HTTP status of rows without a code. */
  readonly httpStatus: number | null;
  readonly class: RowClass;
  readonly rows: number;
  /** The message of the first row that has one, as the provider wrote it. */
  readonly message: string | null;
  /** The whole ids of the row with that message, which may repeat them. */
  readonly ids: readonly string[];
  /** Number of all kinds of answers, including those beyond `most`. */
  readonly kinds: number;
}

/** Most rows first. Rows without an answer, and rejected ones, are left out. */
export async function readAnsweredRows(on: Queryable, runNo: number, most: number): Promise<AnsweredRows[]> {
  return await on.query<AnsweredRows>(
    `select g.code, g.http_status as "httpStatus", g.class, g.rows, g.kinds, r.message,
            array_remove(array[r.user_id, r.par], null) as ids
     from (
       select code, case when code is null then http_status end as http_status, coalesce(class, 'unprocessed') as class,
              count(*)::integer as rows, (count(*) over ())::integer as kinds,
              min(row_no) filter (where message <> '') as told_row_no
       from list_row
       where run_no = $1 and class is distinct from 'rejected' and (code is not null or (attempts > 0 and not kept))
       group by 1, 2, 3) as g
       left join list_row r on r.run_no = $1 and r.row_no = g.told_row_no
     order by g.rows desc, g.code collate "C", g.http_status, g.class limit $2`,
    [runNo, most],
  );
}

/** Rows of one code whose class did not come from the built-in table. */
export interface GivenClass {
  readonly by: ClassGiver;
  readonly code: string | null;
  readonly class: RowClass;
  readonly rows: number;
}

export async function readGivenClasses(on: Queryable, runNo: number): Promise<GivenClass[]> {
  return await on.query<GivenClass>(
    `select class_given_by as by, code, class, count(*)::integer as rows
     from list_row where run_no = $1 and class_given_by is not null
     group by 1, 2, 3 order by class_given_by desc, code collate "C", class`,
    [runNo],
  );
}

/**
 * Reads who must act on how many rows of each class, in the order people read them. Nobody must act on settled rows.
 * Operations must act on rows that came again for `nightsLimit` nights or were refused before the provider. Rows
 * without a class count as unprocessed.
 */
export async function readWork(on: Queryable, runNo: number, nightsLimit: number): Promise<Work[]> {
  const found = await on.query<FoundWork>(
    `select coalesce(class, 'unprocessed') as class, resolution_no is not null as "isSettled",
            coalesce(resolution_no is null and class = any($2::text[]) and nights >= $3, false) as "nightsUsedUp",
            class = 'unknown_code' and code is null and resolution_no is null as "isRefused", count(*)::integer as rows
     from list_row where run_no = $1 group by 1, 2, 3, 4 order by 2, 3, 4`,
    [runNo, comesAgainClasses, nightsLimit],
  );
  return rowClasses.flatMap((name) => found.filter((work) => work.class === name).map(workOf));
}

/** Counts unsettled rows whose nights were used up by a call of this run: from tomorrow on no list calls them. */
export async function countUsedUpTonight(on: Queryable, runNo: number, nightsLimit: number): Promise<number> {
  const rows = await on.query<{ rows: number }>(
    `select count(*)::integer as rows from list_row
     where run_no = $1 and class = any($2::text[]) and nights = $3 and attempts > 0 and not kept and resolution_no is null`,
    [runNo, comesAgainClasses, nightsLimit],
  );
  return onlyRow(rows).rows;
}

type FoundWork = Omit<Work, 'actor'> & { readonly isRefused: boolean | null };

function workOf({ class: name, rows, nightsUsedUp, isSettled, isRefused }: FoundWork): Work {
  const actor = isSettled ? 'nobody' : whoMustAct(name, nightsUsedUp, isRefused === true);
  return { class: name, actor, rows, nightsUsedUp, isSettled };
}

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
