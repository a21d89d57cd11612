-- Why a run or a reconciliation ended, in one word beside its code: what decides whether anybody must act, and when.
-- Null: it has no end, or an older program ended it and its code alone does not tell.
alter table run add column exit_cause text;
alter table reconciliation add column exit_cause text;

-- What the code alone does tell of ends written by older programs.
update run set exit_cause = case exit_code
    when 0 then case when rows_read = 0 then 'empty_list' else 'done' end
    when 3 then 'not_enrolled'
    when 4 then 'unclear'
    when 5 then 'list_refused'
    when 9 then 'totals'
    when 130 then 'signal'
    when 143 then 'signal'
  end;
update reconciliation set exit_cause = case exit_code
    when 0 then 'done'
    when 3 then 'not_enrolled'
    when 4 then 'unclear'
    when 130 then 'signal'
    when 143 then 'signal'
  end;

-- The closed list; docs/exit-causes.md says which code each belongs to.
alter table run add check (exit_cause in
  ('done', 'nothing_due', 'empty_list', 'usage', 'not_enrolled', 'unclear', 'list_refused', 'limit', 'stop_at',
   'max_calls', 'day_limit', 'canary', 'max_failures', 'unknown_codes', 'newly_failing', 'clock', 'credentials',
   'wrong_setup', 'wrong_address', 'provider_silent', 'throttled', 'ledger_gone', 'source_gone', 'folder', 'held',
   'overtaken', 'signal', 'totals', 'bug'));

create or replace view run_summary as
select r.id, r.job, r.kind, r.provider, r.state, r.night, r.list_name as list, r.rows_read,
       c.enrolled, c.recovered, c.already_active, c.already_done, c.action_required, c.bad_data, c.conflict, c.unknown_code,
       c.ambiguous, c.transient, c.rejected, c.duplicate, c.disputed, c.unprocessed, c.resolved,
       (select count(*) from attempt a where a.run_no = r.run_no and a.call = 'register')::integer as calls,
       r.started_at, r.finished_at, r.exit_code, r.exit_reason,
       case when r.finished_at is not null and r.state <> 'refused' then r.exit_code <> 9 and coalesce(r.rows_read, 0) = c.row_count end as totals_agree,
       r.exit_cause
from run r
cross join lateral (
  select count(*)::integer as row_count,
         (count(*) filter (where l.class = 'enrolled'))::integer as enrolled,
         (count(*) filter (where l.class = 'recovered'))::integer as recovered,
         (count(*) filter (where l.class = 'already_active'))::integer as already_active,
         (count(*) filter (where l.class = 'already_done'))::integer as already_done,
         (count(*) filter (where l.class = 'action_required'))::integer as action_required,
         (count(*) filter (where l.class = 'bad_data'))::integer as bad_data,
         (count(*) filter (where l.class = 'conflict'))::integer as conflict,
         (count(*) filter (where l.class = 'unknown_code'))::integer as unknown_code,
         (count(*) filter (where l.class = 'ambiguous'))::integer as ambiguous,
         (count(*) filter (where l.class = 'transient'))::integer as transient,
         (count(*) filter (where l.class = 'rejected'))::integer as rejected,
         (count(*) filter (where l.class = 'duplicate'))::integer as duplicate,
         (count(*) filter (where l.class = 'disputed'))::integer as disputed,
         (count(*) filter (where l.class is null or l.class = 'unprocessed'))::integer as unprocessed,
         (count(*) filter (where l.resolution_no is not null))::integer as resolved
  from list_row l where l.run_no = r.run_no) as c;
