import type { CallClass } from '../../domain/class.ts';
import type { Queryable } from '../ledger-port.ts';

/** What a person wrote when they settled a record. */
export interface NewResolution {
  /** Under this class and code, or not at all. */
  readonly class: CallClass;
  readonly code: string | null;
  readonly at: Date;
  /** user@machine. */
  readonly by: string;
  /** 1 to 500 characters. Untrusted text; it may repeat an id. */
  readonly note: string;
}

export interface Resolution {
  readonly class: CallClass;
  readonly code: string | null;
  readonly resolved_at: Date;
  readonly resolved_by: string;
  readonly note: string;
  readonly undone_at: Date | null;
  readonly undone_by: string | null;
  /** False: taken back, replaced by a later one, or ended by another class or code. */
  readonly in_force: boolean;
}

/**
 * Settles a record, in place of what was settled before. False: a call has given it another class or code meanwhile,
 * and nothing was changed.
 */
export async function settleRecord(
  on: Queryable,
  recordNo: string,
  resolution: NewResolution,
): Promise<boolean> {
  const rows = await on.query(
    `with held as (
       select record_no from enrollment
       where record_no = $1::bigint and coalesce(prior_status, status) = $2 and code is not distinct from $3
       for update),
     noted as (
       insert into resolution (record_no, class, code, resolved_at, resolved_by, note)
       select record_no, $2, $3, $4::timestamptz, $5, $6 from held returning record_no, resolution_no)
     update enrollment e set resolution_no = noted.resolution_no from noted where e.record_no = noted.record_no
     returning 1 as settled`,
    [
      recordNo,
      resolution.class,
      resolution.code,
      resolution.at.toISOString(),
      resolution.by,
      resolution.note,
    ],
  );
  return rows.length > 0;
}

/** Takes back what is in force. False: nothing was. */
export async function undoResolution(
  on: Queryable,
  recordNo: string,
  undone: { readonly at: Date; readonly by: string },
): Promise<boolean> {
  const rows = await on.query(
    `with held as (
       select record_no, resolution_no from enrollment
       where record_no = $1::bigint and resolution_no is not null for update),
     noted as (
       update resolution s set undone_at = $2::timestamptz, undone_by = $3
       from held where s.resolution_no = held.resolution_no)
     update enrollment e set resolution_no = null from held where e.record_no = held.record_no
     returning 1 as undone`,
    [recordNo, undone.at.toISOString(), undone.by],
  );
  return rows.length > 0;
}

/** All there ever were of a record, oldest first. */
export async function readResolutions(on: Queryable, recordNo: string): Promise<Resolution[]> {
  return await on.query<Resolution>(
    `select s.class, s.code, s.resolved_at, s.resolved_by, s.note, s.undone_at, s.undone_by,
            e.resolution_no is not distinct from s.resolution_no as in_force
     from resolution s join enrollment e on e.record_no = s.record_no
     where s.record_no = $1::bigint order by s.resolution_no`,
    [recordNo],
  );
}
