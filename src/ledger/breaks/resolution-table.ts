import type { CallClass } from '../../domain/class.ts';
import type { Queryable } from '../ledger-port.ts';

/** The note with which a person settled a record. */
export interface NewResolution {
  /** The record is settled only if it has this class and code. */
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
  /** False where it was taken back, replaced by a later one, or ended by another class or code. */
  readonly in_force: boolean;
}

/**
 * Returns the statements `settled` and `explained`: they settle the records that `held` selects (record_no, provider,
 * user_id, par, class, code), replace earlier resolutions, and explain the breaks the records stand in. The arguments
 * name the parameters.
 */
export function settlingOf({ at, by, note }: Readonly<Record<'at' | 'by' | 'note', string>>): string {
  return `noted as (
       insert into resolution (record_no, class, code, resolved_at, resolved_by, note)
       select record_no, class, code, ${at}::timestamptz, ${by}, ${note} from held returning record_no, resolution_no),
     settled as (
       update enrollment e set resolution_no = noted.resolution_no from noted where e.record_no = noted.record_no
       returning e.record_no),
     explained as (
       update break b set state = 'explained', explained_at = coalesce(b.explained_at, ${at}::timestamptz),
              explained_by = ${by}, note = ${note}, resolution_no = noted.resolution_no
       from held join noted on noted.record_no = held.record_no
       where b.provider = held.provider and b.user_id = held.user_id and b.par = held.par
         and (b.state = 'open' or b.resolution_no is not null) and b.state <> 'closed'
       returning b.break_no)`;
}

/**
 * Settles a record and explains the breaks it stands in, as one decision; it replaces an earlier resolution. Returns
 * the numbers of the breaks. Null where a call has given the record another class or code; then nothing was changed.
 */
export async function settleRecord(
  on: Queryable,
  recordNo: string,
  resolution: NewResolution,
): Promise<readonly number[] | null> {
  const rows = await on.query<{ break_no: number | null }>(
    `with held as (
       select record_no, provider, user_id, par, $2 as class, $3 as code from enrollment
       where record_no = $1::bigint and coalesce(prior_status, status) = $2 and code is not distinct from $3
       for update), ${settlingOf({ at: '$4', by: '$5', note: '$6' })}
     select break_no from settled left join explained on true order by break_no`,
    [
      recordNo,
      resolution.class,
      resolution.code,
      resolution.at.toISOString(),
      resolution.by,
      resolution.note,
    ],
  );
  if (rows.length === 0) return null;
  return rows.flatMap(({ break_no: no }) => (no === null ? [] : [no]));
}

/** Takes back the resolution in force and reopens the breaks it explained. Returns false where none was in force. */
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
       from held where s.resolution_no = held.resolution_no),
     opened as (
       update break b set state = 'open', explained_at = null, explained_by = null, note = null, resolution_no = null
       from held where b.resolution_no = held.resolution_no and b.state = 'explained')
     update enrollment e set resolution_no = null from held where e.record_no = held.record_no
     returning 1 as undone`,
    [recordNo, undone.at.toISOString(), undone.by],
  );
  return rows.length > 0;
}

/**
 * Brings breaks in line with resolutions after a comparison. The resolution of a settled record explains its breaks.
 * Breaks whose record has another class or code since, or was settled anew, follow the record. A break that a person
 * explained by itself is left alone.
 */
export async function followResolutions(
  on: Queryable,
  { provider, job }: { readonly provider: string; readonly job: string | null },
): Promise<void> {
  await on.query(
    `update break b
     set state = case when s.resolution_no is null then 'open' else 'explained' end,
         explained_at = s.resolved_at, explained_by = s.resolved_by, note = s.note, resolution_no = s.resolution_no
     from enrollment e left join resolution s on s.resolution_no = e.resolution_no
     where b.provider = $1 and b.job is not distinct from $2::text and b.state <> 'closed'
       and e.provider = b.provider and e.user_id = b.user_id and e.par = b.par
       and (b.state = 'open' or b.resolution_no is not null)
       and b.resolution_no is distinct from s.resolution_no`,
    [provider, job],
  );
}

/** Returns all resolutions a record ever had, oldest first. */
export async function readResolutions(on: Queryable, recordNo: string): Promise<Resolution[]> {
  return await on.query<Resolution>(
    `select s.class, s.code, s.resolved_at, s.resolved_by, s.note, s.undone_at, s.undone_by,
            e.resolution_no is not distinct from s.resolution_no as in_force
     from resolution s join enrollment e on e.record_no = s.record_no
     where s.record_no = $1::bigint order by s.resolution_no`,
    [recordNo],
  );
}
