import type { CallClass, RecordStatus, RowClass } from '../../domain/class.ts';
import type { KeptRejection } from '../../domain/rejection/rejection-words.ts';
import { rejectionOfRow } from '../kept-rejection.ts';
import type { Queryable } from '../ledger-port.ts';

/** A record as the status table holds it. */
export interface RecordRow {
  readonly record_no: string;
  readonly provider: string;
  readonly user_id: string;
  readonly par: string;
  readonly status: RecordStatus;
  /** The class a call has given it; pending: none yet. While a call is under way: the class it goes back to. */
  readonly class: CallClass | 'pending';
  /** When it got its present class and code; null: it has no class yet. */
  readonly since: Date | null;
  /** The last run that recorded a call of it. */
  readonly last_run_no: number | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly http_status: number | null;
  readonly correlation_id: string | null;
  readonly attempts: number;
  readonly unanswered: number;
  readonly nights: number;
  /** yyyy-MM-dd */
  readonly last_night: string | null;
  readonly first_attempt_at: Date | null;
  readonly last_attempt_at: Date | null;
  readonly first_success_at: Date | null;
}

const columns = `record_no, provider, user_id, par, status, coalesce(prior_status, status) as class, since, last_run_no, code, message, http_status, correlation_id, attempts, unanswered,
  nights, last_night::text as last_night, first_attempt_at, last_attempt_at, first_success_at`;

/** Finds every record of a member or of a PAR, at any provider. */
export async function findRecordsById(on: Queryable, id: string): Promise<RecordRow[]> {
  return await on.query<RecordRow>(
    `select ${columns} from enrollment where user_id = $1 or par = $1 order by provider, user_id, par`,
    [id],
  );
}

/** Null: there is none of this number. */
export async function findRecord(on: Queryable, recordNo: string): Promise<RecordRow | null> {
  const rows = await on.query<RecordRow>(`select ${columns} from enrollment where record_no = $1::bigint`, [
    recordNo,
  ]);
  return rows[0] ?? null;
}

/** Rows are numbered as their lines follow each other, so the row of a line is found by halving. */
export async function findRecordOfLine(
  on: Queryable,
  runNo: number,
  line: number,
): Promise<{ readonly row: NamedRow | null; readonly record: RecordRow | null }> {
  const rows = await on.query<NamedRow & { user_id: string | null; par: string | null }>(
    `with recursive narrowed (low, high) as (
       select 1, (select max(row_no) from list_row where run_no = $1)
       union all
       select case when l.line < $2 then l.row_no + 1 else n.low end, case when l.line < $2 then n.high else l.row_no end
       from narrowed n join list_row l on l.run_no = $1 and l.row_no = (n.low + n.high) / 2
       where n.low < n.high)
     select r.id as run_id, l.line, coalesce(l.class, 'unprocessed') as class, l.kept, l.code, l.message,
            ${rejectionOfRow('l')} as rejection, l.user_id, l.par
     from narrowed n join list_row l on l.run_no = $1 and l.row_no = n.low and l.line = $2 join run r on r.run_no = $1
     where n.low = n.high`,
    [runNo, line],
  );
  if (rows[0] === undefined) return { row: null, record: null };
  // Whoever is told the row is not told whole ids with it.
  const { user_id: userId, par, ...row } = rows[0];
  if (userId === null) return { row, record: null };
  const records = await on.query<RecordRow>(
    `select ${columns} from enrollment
     where provider = (select provider from run where run_no = $1) and user_id = $2 and par = $3`,
    [runNo, userId, par],
  );
  return { row, record: records[0] ?? null };
}

/** A row in which a record stood. */
export interface RecordListing {
  readonly run_id: string;
  readonly line: number;
  readonly class: RowClass;
  readonly kept: boolean;
  readonly code: string | null;
  readonly message: string | null;
}

/** A row named by its run and line: it may be rejected, and have no record. */
export type NamedRow = RecordListing & KeptRejection;

/** Finds every row of every list in which the record stood, oldest first. */
export async function findListingsOfRecord(on: Queryable, record: RecordRow): Promise<RecordListing[]> {
  return await on.query<RecordListing>(
    `select r.id as run_id, l.line, coalesce(l.class, 'unprocessed') as class, l.kept, l.code, l.message
     from list_rows_of_member($2) l join run r on r.run_no = l.run_no
     where r.provider = $1 and l.par = $3 order by l.run_no, l.row_no`,
    [record.provider, record.user_id, record.par],
  );
}
