import {
  closeUnseen,
  observeSelected,
  type BreakMoment,
  type BreakScope,
  type ObservedBreaks,
} from './break-table.ts';
import { followResolutions } from './resolution-table.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';
import type { RunRow } from '../runs/run-table.ts';
import { SUCCESS_LIST } from '../sql-lists.ts';

/** One of the lists that are compared together. */
export interface ComparedList {
  readonly run_no: number;
  readonly run_id: string;
  readonly list_name: string;
  /** Any list of that name and night whose ids a purge has forgotten, or is forgetting. */
  readonly is_purged: boolean;
}

/**
 * Finds the lists of a run's job that came to their end in its night: the last of each name, in the order they were
 * run. A glob has several lists, and a member counts as listed who stands in any of them.
 */
export async function findListsOfNight(on: Queryable, run: RunRow): Promise<ComparedList[]> {
  return await on.query<ComparedList>(
    `select max(run_no) as run_no, (array_agg(id order by run_no desc))[1] as run_id, list_name,
            bool_or(purge_began_at is not null) as is_purged from run
     where job = $1 and provider = $2 and kind = 'list' and state = 'complete' and night = $3::date
     group by list_name order by 1`,
    [run.job, run.provider, run.night],
  );
}

/** Names lists of that job and night of which no run came to its end; nobody in them counts as listed. */
export async function findUnreadLists(on: Queryable, run: RunRow): Promise<string[]> {
  const rows = await on.query<{ list_name: string }>(
    `select list_name from run
     where job = $1 and provider = $2 and kind = 'list' and night = $3::date
     group by list_name having bool_and(state <> 'complete') order by list_name collate "C"`,
    [run.job, run.provider, run.night],
  );
  return rows.map((row) => row.list_name);
}

export interface ListedRows {
  readonly rows: number;
  /** Rows among them without a record, which can't be compared. */
  readonly rejected: number;
}

export async function countListedRows(on: Queryable, runNos: readonly number[]): Promise<ListedRows> {
  return onlyRow(
    await on.query<ListedRows>(
      `select count(*)::integer as rows, count(*) filter (where user_id is null)::integer as rejected
       from list_row where run_no = any($1::integer[])`,
      [runNos],
    ),
  );
}

/**
 * $1 provider, $2 job, $5 the runs of the compared lists. "Held" means that the ledger holds success; a record that is
 * being called again counts as it was before. A PAR has changed where a listed record is not held and the same member
 * has a held record that is not listed. Of several such records it changed from the one enrolled last. Every other
 * record stands for itself. A card that is no longer listed is an old card where another card of the member is listed
 * and was first enrolled after the last list in which the old one stood. Of two cards that were listed together neither
 * is an old card. A purge forgets the lists a record stood in. An open break then stays open without them; an explained
 * one goes with them.
 */
const FINDINGS = `
  with listed as materialized (
    select distinct on (user_id, par) user_id, par, class from list_row
    where run_no = any($5::integer[]) and user_id is not null order by user_id, par, run_no desc, row_no),
  held as materialized (
    select user_id, par, first_success_at from enrollment
    where provider = $1 and coalesce(prior_status, status) in ${SUCCESS_LIST}),
  missing as materialized (
    select l.user_id, l.par, l.class from listed l
    where not exists (select 1 from held h where h.user_id = l.user_id and h.par = l.par)),
  unlisted as materialized (
    select h.user_id, h.par, h.first_success_at from held h
    where not exists (select 1 from listed l where l.user_id = h.user_id and l.par = h.par)),
  changed as materialized (
    select distinct on (u.user_id) u.user_id, u.par from unlisted u
    where u.user_id in (select user_id from missing)
    order by u.user_id, u.first_success_at desc nulls last, u.par collate "C"),
  stood as (
    select u.user_id, u.par, max(r.run_no) as run_no
    from unlisted u join list_row l on l.user_id = u.user_id and l.par = u.par join run r on r.run_no = l.run_no
    where r.job = $2 and r.provider = $1 and r.kind <> 'retry'
      and r.run_no <> all($5::integer[]) and r.run_no < (select max(n) from unnest($5::integer[]) n)
      and not exists (select 1 from changed c where c.user_id = u.user_id and c.par = u.par)
    group by u.user_id, u.par),
  newest as materialized (
    select distinct on (h.user_id) h.user_id, h.par, h.first_success_at
    from held h join listed l on l.user_id = h.user_id and l.par = h.par
    order by h.user_id, h.first_success_at desc nulls last, h.par collate "C"),
  left_out as (
    select s.user_id, s.par, r.id as run_id, n.par as newer
    from stood s join run r on r.run_no = s.run_no
    left join newest n on n.user_id = s.user_id and n.first_success_at > r.finished_at),
  waiting as (
    select b.kind, b.user_id, b.par, b.other_par, b.details
    from break b join unlisted u on u.user_id = b.user_id and u.par = b.par
    where b.kind in ('no_longer_listed', 'old_card') and b.state = 'open' and b.provider = $1 and b.job = $2
      and not exists (select 1 from stood s where s.user_id = b.user_id and s.par = b.par)
      and not exists (select 1 from changed c where c.user_id = b.user_id and c.par = b.par))
  select case when c.par is null then 'not_enrolled' else 'par_changed' end as kind, m.user_id, m.par,
         null::text as other_user_id, c.par as other_par,
         case when m.class = 'disputed' then 'disputed'
              else concat_ws(' ', coalesce(e.prior_status, e.status, 'not in the ledger'), e.code) end as details
  from missing m left join changed c on c.user_id = m.user_id
  left join enrollment e on e.provider = $1 and e.user_id = m.user_id and e.par = m.par
  union all
  select case when newer is null then 'no_longer_listed' else 'old_card' end, user_id, par, null, newer,
         'last in run ' || run_id from left_out
  union all
  select kind, user_id, par, null, other_par, details from waiting`;

const kinds = ['not_enrolled', 'no_longer_listed', 'par_changed', 'old_card'] as const;

/** A card that is no longer listed stays one break, with its age and note, when it changes between these two kinds. */
const LEFT_OUT_KINDS = ['no_longer_listed', 'old_card'] as const;

/** Selects the breaks that comparing a job's list can find. */
export function scopeOfList(run: Pick<RunRow, 'provider' | 'job'>): BreakScope & { readonly job: string } {
  return { provider: run.provider, job: run.job, kinds };
}

export interface ComparedWithList extends ObservedBreaks {
  readonly closed: number;
}

/**
 * Enters differences as breaks and closes breaks that are gone. Call it after lockBreaks. No row of a list comes here.
 */
export async function compareWithLists(
  transaction: Queryable,
  scope: BreakScope,
  runNos: readonly number[],
  moment: BreakMoment,
): Promise<ComparedWithList> {
  const observed = await observeSelected(transaction, scope, moment, {
    sql: FINDINGS,
    parameters: [runNos],
    sameBreak: LEFT_OUT_KINDS,
  });
  await followResolutions(transaction, scope);
  const closed = await closeUnseen(transaction, { ...scope, asked: null }, moment.at, moment);
  return { ...observed, closed };
}
