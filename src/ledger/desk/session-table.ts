import { appendAudit, byPerson, type DeskPerson } from './audit-trail.ts';
import type { Ledger, Queryable } from '../ledger-port.ts';

/** A session ends when nobody uses it for this long, and in any case after LONGEST_HOURS. */
const IDLE_MINUTES = 30;
const LONGEST_HOURS = 12;
/** The time of the last use is stored with this precision, so that not every request writes. */
const SEEN_SECONDS = 60;

const IS_OVER = `(seen_at <= $1::timestamptz - interval '${IDLE_MINUTES} minutes'
  or created_at <= $1::timestamptz - interval '${LONGEST_HOURS} hours')`;

/** The person who is signed in. Their name is the e-mail address in lower case. */
export interface SessionPerson extends DeskPerson {
  readonly account: string;
  readonly groups: readonly string[];
}

/** Begins a session, and deletes the sessions that are over. */
export async function beginSession(
  on: Queryable,
  tokenHash: string,
  { name, account, groups }: SessionPerson,
  now: Date,
): Promise<void> {
  await on.query(`delete from desk_session where ${IS_OVER}`, [now.toISOString()]);
  await on.query(
    `insert into desk_session (token_sha256, person, account, groups, created_at, seen_at)
     values ($2, $3, $4, $5::text[], $1::timestamptz, $1::timestamptz)`,
    [now.toISOString(), tokenHash, name, account, groups],
  );
}

/**
 * Returns the person of a session; null where there is no such session or it is over. The call counts as a use of the
 * session.
 */
export async function findSession(
  on: Queryable,
  tokenHash: string,
  now: Date,
): Promise<SessionPerson | null> {
  const [found] = await on.query<SessionPerson & { readonly is_long_ago: boolean }>(
    `select person as name, account, groups,
            seen_at < $1::timestamptz - interval '${SEEN_SECONDS} seconds' as is_long_ago
     from desk_session where token_sha256 = $2 and not ${IS_OVER}`,
    [now.toISOString(), tokenHash],
  );
  if (found === undefined) return null;
  if (found.is_long_ago) await noteSeen(on, tokenHash, now);
  return { name: found.name, account: found.account, groups: found.groups };
}

async function noteSeen(on: Queryable, tokenHash: string, now: Date): Promise<void> {
  await on.query(
    'update desk_session set seen_at = greatest(seen_at, $1::timestamptz) where token_sha256 = $2',
    [now.toISOString(), tokenHash],
  );
}

/** Returns whether a session is neither ended nor over. The call does not count as a use of the session. */
export async function isSessionOpen(on: Queryable, tokenHash: string, now: Date): Promise<boolean> {
  const rows = await on.query(`select 1 from desk_session where token_sha256 = $2 and not ${IS_OVER}`, [
    now.toISOString(),
    tokenHash,
  ]);
  return rows.length === 1;
}

/** Returns the person whose session ended; null where there was no such session. */
export async function endSession(on: Queryable, tokenHash: string): Promise<DeskPerson | null> {
  const [ended] = await on.query<DeskPerson>(
    'delete from desk_session where token_sha256 = $1 returning person as name, account',
    [tokenHash],
  );
  return ended ?? null;
}

/** A session of a person, as their page of sessions shows it. */
export interface OpenSession {
  readonly session_id: string;
  readonly created_at: Date;
  /** Up to a minute before the last use. */
  readonly seen_at: Date;
  /** True where the token is the one that was asked with. */
  readonly is_this: boolean;
}

/** Returns the open sessions of an account, the last used first. */
export async function readSessions(
  on: Queryable,
  account: string,
  { tokenHash, now }: { readonly tokenHash: string; readonly now: Date },
): Promise<OpenSession[]> {
  return await on.query<OpenSession>(
    `select session_id::text as session_id, created_at, seen_at, token_sha256 = $3 as is_this
     from desk_session where account = $2 and not ${IS_OVER} order by seen_at desc, created_at desc, session_id`,
    [now.toISOString(), account, tokenHash],
  );
}

/**
 * Ends a session of an account, or all of them where `sessionId` is null, and appends an entry for each to the audit
 * trail. Returns how many ended; a session of another account does not.
 */
export async function endSessionsOf(
  ledger: Ledger,
  by: DeskPerson & { readonly account: string },
  { sessionId, at }: { readonly sessionId: string | null; readonly at: Date },
): Promise<number> {
  return await ledger.transaction(async (transaction) => {
    const ended = await transaction.query<{ begun: string }>(
      `delete from desk_session where account = $1 and ($2::uuid is null or session_id = $2::uuid)
       returning to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as begun`,
      [by.account, sessionId],
    );
    for (const { begun } of ended)
      await appendAudit(transaction, {
        at,
        ...byPerson(by),
        what: 'session_ended',
        detail: `of ${by.name}, begun ${begun}`,
      });
    return ended.length;
  });
}
