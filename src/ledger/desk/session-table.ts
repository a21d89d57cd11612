import type { Queryable } from '../ledger-port.ts';

/** A session ends when nobody uses it for this long, and in any case after LONGEST_HOURS. */
const IDLE_MINUTES = 30;
const LONGEST_HOURS = 12;
/** The time of the last use is stored with this precision, so that not every request writes. */
const SEEN_SECONDS = 60;

const IS_OVER = `(seen_at <= $1::timestamptz - interval '${IDLE_MINUTES} minutes'
  or created_at <= $1::timestamptz - interval '${LONGEST_HOURS} hours')`;

/** The person who is signed in. */
export interface SessionPerson {
  /** The e-mail address in lower case. */
  readonly person: string;
  readonly groups: readonly string[];
}

/** Begins a session, and deletes the sessions that are over. */
export async function beginSession(
  on: Queryable,
  tokenHash: string,
  { person, groups }: SessionPerson,
  now: Date,
): Promise<void> {
  await on.query(`delete from desk_session where ${IS_OVER}`, [now.toISOString()]);
  await on.query(
    `insert into desk_session (token_sha256, person, groups, created_at, seen_at)
     values ($2, $3, $4::text[], $1::timestamptz, $1::timestamptz)`,
    [now.toISOString(), tokenHash, person, groups],
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
    `select person, groups, seen_at < $1::timestamptz - interval '${SEEN_SECONDS} seconds' as is_long_ago
     from desk_session where token_sha256 = $2 and not ${IS_OVER}`,
    [now.toISOString(), tokenHash],
  );
  if (found === undefined) return null;
  if (found.is_long_ago) await noteSeen(on, tokenHash, now);
  return { person: found.person, groups: found.groups };
}

async function noteSeen(on: Queryable, tokenHash: string, now: Date): Promise<void> {
  await on.query(
    'update desk_session set seen_at = greatest(seen_at, $1::timestamptz) where token_sha256 = $2',
    [now.toISOString(), tokenHash],
  );
}

/** Returns the person whose session ended; null where there was no such session. */
export async function endSession(on: Queryable, tokenHash: string): Promise<string | null> {
  const [ended] = await on.query<{ person: string }>(
    'delete from desk_session where token_sha256 = $1 returning person',
    [tokenHash],
  );
  return ended?.person ?? null;
}
