import { followResolutions } from './resolution-table.ts';
import {
  closeUnseen,
  observeSelected,
  type BreakMoment,
  type BreakScope,
  type ObservedBreaks,
} from './break-table.ts';
import type { Queryable } from '../ledger-port.ts';
import type { MemberCounts, ReconciliationRow } from './reconciliation-table.ts';
import { SUCCESS_LIST } from '../sql-lists.ts';

/**
 * Selects the differences between the answers of a reconciliation (`$5`) and the ledger. Each finding rests on the
 * answer for one member, so that asking that member again can confirm or close it. It leaves out what the ledger may
 * have heard after the member was asked: a success recorded since, and a card whose call is under way.
 */
const FINDINGS = `
  with answered as materialized (
    select m.member_no, m.user_id, m.asked_at, m.correlation_id, r.provider
    from reconciliation_member m join reconciliation r on r.reconciliation_no = m.reconciliation_no
    where m.reconciliation_no = $5 and m.state = 'asked'),
  listed as materialized (
    select a.*, p.par from reconciliation_plan p join answered a on a.member_no = p.member_no where p.reconciliation_no = $5),
  not_ours as materialized (
    select l.*, concat_ws('; ', coalesce('class ' || e.status, 'no record'), 'inquiry ' || l.correlation_id) as details
    from listed l left join enrollment e on e.provider = l.provider and e.user_id = l.user_id and e.par = l.par
    where e.status is null or (e.status not in ${SUCCESS_LIST} and e.status <> 'sending')),
  elsewhere as materialized (
    select n.member_no, n.par, e.user_id from not_ours n join enrollment e on e.provider = n.provider and e.par = n.par
    where e.user_id <> n.user_id and e.status in ${SUCCESS_LIST})
  select case when o.par is null then 'unknown_to_us' else 'other_member' end as kind, coalesce(o.user_id, n.user_id) as user_id,
         n.par, case when o.par is not null then n.user_id end as other_user_id, null::text as other_par, n.details
  from not_ours n left join elsewhere o on o.member_no = n.member_no and o.par = n.par
  union all
  select 'missing_at_provider', a.user_id, e.par, null, null, concat_ws('; ', 'class ' || e.status, 'inquiry ' || a.correlation_id)
  from answered a join enrollment e on e.provider = a.provider and e.user_id = a.user_id
  left join listed l on l.member_no = a.member_no and l.par = e.par
  where l.par is null and e.status in ${SUCCESS_LIST} and (e.recorded_at is null or e.recorded_at < a.asked_at)`;

const kinds = ['unknown_to_us', 'missing_at_provider', 'other_member'] as const;

/** Selects the breaks that asking this provider can find. */
export function scopeOfProvider(provider: string): BreakScope {
  return { provider, job: null, kinds };
}

export interface ComparedBreaks extends ObservedBreaks {
  readonly closed: number;
}

/**
 * Enters differences as breaks and closes breaks that are gone, except for members without an answer. Call it after
 * lockBreaks, when every member has been asked.
 */
export async function compareWithProvider(
  transaction: Queryable,
  { reconciliation_no: no, provider, sample }: ReconciliationRow,
  { unclear }: MemberCounts,
  moment: BreakMoment,
): Promise<ComparedBreaks> {
  const scope = scopeOfProvider(provider);
  const observed = await observeFindings(transaction, scope, no, moment);
  await followResolutions(transaction, scope);
  if (sample === null && unclear === 0) {
    return {
      ...observed,
      closed: await closeUnseen(transaction, { ...scope, asked: null }, moment.at, moment),
    };
  }
  let closed = 0;
  let asked = await readAskedWithBreaks(transaction, no, '');
  for (let last = asked.at(-1); last !== undefined; last = asked.at(-1)) {
    closed += await closeUnseen(transaction, { ...scope, asked }, moment.at, moment);
    asked = await readAskedWithBreaks(transaction, no, last);
  }
  return { ...observed, closed };
}

/**
 * Forbids nested loops: the planner takes the answers of a million members for a handful, and would compare each card
 * with every record. It may only join by hashing or sorting here.
 */
async function observeFindings(
  transaction: Queryable,
  scope: BreakScope,
  no: number,
  moment: BreakMoment,
): Promise<ObservedBreaks> {
  await transaction.query('set local enable_nestloop = off');
  const observed = await observeSelected(transaction, scope, moment, { sql: FINDINGS, parameters: [no] });
  await transaction.query('set local enable_nestloop = on');
  return observed;
}

const CLOSED_AT_ONCE = 1_000;

/** Returns the next members, in the order of their ids, that have an answer and stand in breaks. */
async function readAskedWithBreaks(on: Queryable, no: number, after: string): Promise<string[]> {
  const rows = await on.query<{ user_id: string }>(
    `select m.user_id from reconciliation_member m
     where m.reconciliation_no = $1 and m.state = 'asked' and m.user_id > $2
       and m.user_id in (select coalesce(other_user_id, user_id) from break where state <> 'closed' and job is null)
     order by m.user_id limit $3`,
    [no, after, CLOSED_AT_ONCE],
  );
  return rows.map((row) => row.user_id);
}
