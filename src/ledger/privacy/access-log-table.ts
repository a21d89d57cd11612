import { maskIdsInText } from '../../domain/identity/masking.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

export type AccessAction = 'shown' | 'exported' | 'purged';

/** Who did it, as the operating system says. */
export interface UserAtHost {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
}

export interface NewAccess {
  readonly at: Date;
  readonly action: AccessAction;
  /** The command, and the run or record it was about; no id. */
  readonly what: string;
  readonly rows: number;
  /** As a person gave it; null where nobody was asked. */
  readonly reason: string | null;
}

/**
 * Masks what looks like an id in the reason: an entry outlasts the lists. The same entry twice is written once. Returns its
 * number, int8 as text.
 */
export async function noteAccess(on: Queryable, by: UserAtHost, access: NewAccess): Promise<string> {
  const rows = await on.query<{ entry_no: string }>(
    `with noted as (
       insert into access_log (at, actor, host, pid, action, what, rows, reason)
       values ($1::timestamptz, $2, $3, $4, $5, $6, $7, $8)
       on conflict (at, actor, host, pid, action, what) do nothing returning entry_no)
     select entry_no from noted
     union all
     select entry_no from access_log
     where at = $1::timestamptz and actor = $2 and host = $3 and pid = $4 and action = $5 and what = $6`,
    [
      access.at.toISOString(),
      by.user,
      by.host,
      by.pid,
      access.action,
      access.what,
      access.rows,
      access.reason === null ? null : maskIdsInText(access.reason),
    ],
  );
  return onlyRow(rows).entry_no;
}

export interface AccessRow {
  readonly at: Date;
  readonly actor: string;
  readonly host: string;
  readonly pid: number;
  readonly action: AccessAction;
  readonly what: string;
  readonly rows: number;
  readonly reason: string | null;
}

/** Newest first. `since` null: however old; `limit` null: all of them. */
export async function readAccessLog(
  on: Queryable,
  { since, limit }: { readonly since: Date | null; readonly limit: number | null },
): Promise<AccessRow[]> {
  return await on.query<AccessRow>(
    `select at, actor, host, pid, action, what, rows, reason from access_log
     where $1::timestamptz is null or at >= $1::timestamptz order by at desc, entry_no desc limit $2::integer`,
    [since?.toISOString() ?? null, limit],
  );
}
