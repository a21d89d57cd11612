import type { RowClass } from '../../domain/class.ts';
import type { ClassGiver } from '../../domain/provider-code.ts';
import type { KeptRejection } from '../../domain/rejection/rejection-words.ts';
import type { Rejection, RejectionReason } from '../../domain/rejection/rejection.ts';
import { copyParameter, parseCopyLine } from '../copy-text.ts';
import { rejectionOfRow } from '../kept-rejection.ts';
import { onlyRow, type Queryable, type RowSource } from '../ledger-port.ts';

/** A row for the run folder, in list order, with what its note needs. Times are ISO 8601 text in UTC. */
export interface ReportedRow {
  readonly row_no: number;
  readonly line: number;
  readonly cells: readonly string[];
  readonly class: RowClass;
  readonly kept: boolean;
  readonly code: string | null;
  /** The provider's words; of a rejected row the sentence that an older version kept. */
  readonly message: string | null;
  /** Why the row is rejected; null: it is not, or its message says so. */
  readonly rejection: Rejection | null;
  readonly http_status: number | null;
  readonly correlation_id: string | null;
  readonly attempts: number;
  readonly first_attempt_at: string | null;
  readonly last_attempt_at: string | null;
  readonly nights: number;
  /** duplicate: the earlier row of the same record. */
  readonly first_line: number | null;
  readonly first_class: RowClass | null;
  /** Null: the built-in table, or not known. */
  readonly class_given_by: ClassGiver | null;
  /** A person has settled the row's record under this class and code; null: nobody has. */
  readonly settled: SettledBy | null;
  /** Of an unknown_code: the provider's answer to its last call; null for other classes and where the row has no record. */
  readonly reply: RowReply | null;
}

/** For a developer. Ids are whole: mask them before they are shown. */
export interface RowReply {
  readonly user_id: string;
  readonly par: string;
  /** The body as it came, capped; null where none is kept. */
  readonly raw_reply: string | null;
}

/** As the ledger holds it: the note is untrusted text and may repeat an id of the row's. */
export interface SettledBy {
  readonly by: string;
  readonly at: string;
  readonly note: string;
  readonly ids: readonly string[];
}

/** How far a run's rows reach: the number of the last, and the most cells any of them has; 0 without rows. */
export interface RowExtent {
  readonly lastRowNo: number;
  readonly mostCells: number;
}

export async function readRowExtent(on: Queryable, runNo: number): Promise<RowExtent> {
  return onlyRow(
    await on.query<RowExtent>(
      `select coalesce(max(row_no), 0)::integer as "lastRowNo", coalesce(max(cardinality(cells)), 0)::integer as "mostCells"
       from list_row where run_no = $1`,
      [runNo],
    ),
  );
}

/** A time as every one of our files shows it. */
function isoText(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** What is read of a row, with its times as `time` gives them. As JSON the cells are read three times as fast as an array. */
function reportedColumns(time: (column: string) => string): string {
  return `r.row_no, r.line, array_to_json(r.cells) as cells, coalesce(r.class, 'unprocessed') as class, r.kept, r.code,
       r.message, r.http_status, r.correlation_id, r.attempts, ${time('r.first_attempt_at')} as first_attempt_at,
       ${time('r.last_attempt_at')} as last_attempt_at, r.nights, r.class_given_by,
       ${ofFirstRow('f.line')} as first_line, ${ofFirstRow("coalesce(f.class, 'unprocessed')")} as first_class,
       case when r.resolution_no is not null then (
         select json_build_object('by', s.resolved_by, 'at', ${isoText('s.resolved_at')}, 'note', s.note,
                                  'ids', json_build_array(r.user_id, r.par))
         from resolution s where s.resolution_no = r.resolution_no) end as settled,
       ${rejectionOfRow('r')} as rejection,
       case when r.class = 'unknown_code' and r.user_id is not null then
         json_build_object('user_id', r.user_id, 'par', r.par, 'raw_reply',
           (select a.raw_reply from attempt a where a.correlation_id = r.correlation_id)) end as reply`;
}

/** Looked up only for a row that has an earlier one of its record. */
function ofFirstRow(value: string): string {
  return `case when r.first_row_no is not null then (
         select ${value} from list_row f where f.run_no = r.run_no and f.row_no = r.first_row_no) end`;
}

/**
 * A page is a range of row numbers, which have no gaps: in a table the planner knows nothing of yet, `limit` has it
 * read and sort all rows after the page.
 */
const PAGE_OF_ROWS = `
select ${reportedColumns(isoText)} from list_row r
where r.run_no = $1 and r.row_no > $2 and r.row_no <= $2 + $3 order by r.row_no`;

/** The rows numbered after `afterRowNo`, up to `afterRowNo + limit`, in list order. */
export async function readReportedRows(
  on: Queryable,
  runNo: number,
  afterRowNo: number,
  limit: number,
): Promise<ReportedRow[]> {
  return await on.query<ReportedRow>(PAGE_OF_ROWS, [runNo, afterRowNo, limit]);
}

/** Times as they stand: to make ISO text of them costs the server as much as all the rest. */
const ALL_ROWS = `
select ${reportedColumns((column) => column)} from list_row r
where r.run_no = ${copyParameter(1, 'integer')} order by r.row_no`;

/** Rows parsed at once. The server sends some thousand: as objects they would outlive a collection of young objects. */
const MOST_PARSED = 256;

/** All rows of a run in list order, some hundred at a time. Rejects with LedgerError, also in the middle. */
export async function* copyReportedRows(
  bulk: NonNullable<RowSource['bulk']>,
  runNo: number,
): AsyncGenerator<readonly ReportedRow[]> {
  for await (const lines of bulk.copyOut(ALL_ROWS, [runNo])) {
    for (let at = 0; at < lines.length; at += MOST_PARSED) {
      yield lines.slice(at, at + MOST_PARSED).map(parseReportedRow);
    }
  }
}

function parseReportedRow(text: string): ReportedRow {
  const values = parseCopyLine(text);
  return {
    row_no: Number(values[0]),
    line: Number(values[1]),
    cells: JSON.parse(values[2] ?? '[]') as string[],
    class: values[3] as RowClass,
    kept: values[4] === 't',
    code: values[5] ?? null,
    message: values[6] ?? null,
    http_status: parseOrNull(values[7], Number),
    correlation_id: values[8] ?? null,
    attempts: Number(values[9]),
    first_attempt_at: parseOrNull(values[10], isoOfTime),
    last_attempt_at: parseOrNull(values[11], isoOfTime),
    nights: Number(values[12]),
    class_given_by: (values[13] ?? null) as ClassGiver | null,
    first_line: parseOrNull(values[14], Number),
    first_class: (values[15] ?? null) as RowClass | null,
    settled: parseOrNull(values[16], JSON.parse) as SettledBy | null,
    rejection: parseOrNull(values[17], JSON.parse) as Rejection | null,
    reply: parseOrNull(values[18], JSON.parse) as RowReply | null,
  };
}

function parseOrNull<Value>(value: string | null | undefined, parse: (value: string) => Value): Value | null {
  return value === null || value === undefined ? null : parse(value);
}

/** `2026-11-22 16:00:01.234567+00`, as a session in UTC says it, cut to milliseconds as isoText does. */
function isoOfTime(time: string): string {
  const fraction = time.slice(20, -3);
  return `${time.slice(0, 10)}T${time.slice(11, 19)}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
}

/** A rejected row, for a page of them. */
export interface RejectedRow extends KeptRejection {
  readonly row_no: number;
  readonly line: number;
  readonly reason: RejectionReason;
}

/** Returns rejected rows in list order: up to `most` after row `after`; 0 for the first. None of a purged run. */
export async function readRejectedRowsAfter(
  on: Queryable,
  runNo: number,
  { after, most }: { readonly after: number; readonly most: number },
): Promise<RejectedRow[]> {
  return await on.query<RejectedRow>(
    `select r.row_no, r.line, r.code as reason, r.message, ${rejectionOfRow('r')} as rejection from list_row r
     where r.run_no = $1 and r.row_no > $2 and r.user_id is null and r.class = 'rejected' order by r.row_no limit $3`,
    [runNo, after, most],
  );
}
