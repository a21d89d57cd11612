import type { Queryable } from '../ledger-port.ts';

/** How many different PARs of a list belong to one member. */
export interface MemberCards {
  readonly userId: string;
  readonly cards: number;
  /** Where the first of the member's rows stands. */
  readonly firstLine: number;
}

/** Of these members, in a list that was staged; the one with most cards first. */
export async function countCards(
  on: Queryable,
  runNo: number,
  userIds: readonly string[],
): Promise<MemberCards[]> {
  return await on.query<MemberCards>(
    `select user_id as "userId", count(distinct par)::integer as cards, min(line)::integer as "firstLine"
     from list_row where run_no = $1 and user_id = any($2::text[])
     group by user_id order by 2 desc, 3`,
    [runNo, userIds],
  );
}

/**
 * SQL: as isZeroEnded. The server builds the automaton of a counted repetition anew for each row, so the pattern of the
 * same meaning takes eight times as long.
 */
const IS_ZERO_ENDED = `user_id like '%0' and length(user_id) >= 16 and ltrim(substr(user_id, 16), '0') = ''`;

/**
 * The member with most cards, if they are more than `most`, of those whose id has 16 digits or more and nothing but zeros
 * from the 16th on; null: none has.
 */
export async function findZeroEndedMember(
  on: Queryable,
  runNo: number,
  most: number,
): Promise<MemberCards | null> {
  const rows = await on.query<MemberCards>(
    `select user_id as "userId", count(distinct par)::integer as cards, min(line)::integer as "firstLine"
     from list_row where run_no = $1 and ${IS_ZERO_ENDED}
     group by user_id having count(distinct par) > $2::integer order by 2 desc, 3 limit 1`,
    [runNo, most],
  );
  return rows[0] ?? null;
}
