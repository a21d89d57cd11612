-- What people ask of the status table: since when, by which run, and what a person has settled. And two views with a
-- promise: docs/sql.md says what their columns mean. Later migrations may add columns to them and take none away.

-- A person settled a record: it keeps its class, and asks for nobody until its class or its code changes.
create table resolution (
  resolution_no integer generated always as identity primary key,
  record_no     bigint not null,
  -- Under which it was settled.
  class         text not null check (class in
                  ('action_required', 'bad_data', 'conflict', 'unknown_code', 'ambiguous', 'transient')),
  code          text,
  -- Our clock.
  resolved_at   timestamptz not null,
  -- The operating system's user and machine.
  resolved_by   text not null check (resolved_by <> ''),
  -- As the person wrote it: untrusted text, and it may repeat an id.
  note          text not null check (char_length(note) between 1 and 500),
  -- Taken back by a person. A later class or code only ends it, see enrollment.resolution_no.
  undone_at     timestamptz,
  undone_by     text,
  check ((undone_at is null) = (undone_by is null))
);
create index resolution_record on resolution (record_no);

-- When its class or its code became what they are, by our clock; null: it has no class yet.
alter table enrollment add column since timestamptz;
-- The last run that recorded a call of it.
alter table enrollment add column last_run_no integer;
-- The resolution in force.
alter table enrollment add column resolution_no integer;
alter table enrollment add check (resolution_no is null or coalesce(prior_status, status) in
  ('action_required', 'bad_data', 'conflict', 'unknown_code', 'ambiguous', 'transient'));
alter table enrollment add check (since is null or coalesce(prior_status, status) <> 'pending');

-- The resolution the row's class fell under when the row was settled.
alter table list_row add column resolution_no integer;
alter table list_row add check (resolution_no is null or class in
  ('action_required', 'bad_data', 'conflict', 'unknown_code', 'ambiguous', 'transient'));

-- As near as the attempts tell: from the first of those at the end that all say the same.
update enrollment e
set last_run_no = told.last_run_no,
    since = case when coalesce(e.prior_status, e.status) <> 'pending' then coalesce(told.since, e.last_attempt_at) end
from (
  select record_no, (array_agg(run_no order by attempt_no desc))[1] as last_run_no,
         min(sent_at) filter (where tells and attempt_no > coalesce(last_other, 0)) as since
  from (
    select attempt_no, record_no, run_no, sent_at, tells,
           max(attempt_no) filter (where tells and (outcome, code) is distinct from (last_outcome, last_code))
             over (partition by record_no) as last_other
    from (
      select attempt_no, record_no, run_no, sent_at, outcome, code, tells,
             first_value(outcome) over newest_first as last_outcome, first_value(code) over newest_first as last_code
      from (
        select attempt_no, record_no, run_no, sent_at, outcome, code,
               outcome <> 'stop_run' and (call = 'register' or outcome in ('enrolled', 'recovered', 'already_active')) as tells
        from attempt) as said
      window newest_first as (partition by record_no order by tells desc, attempt_no desc)) as compared) as judged
  group by record_no) as told
where told.record_no = e.record_no;

-- A person asks for a member or a card, of whatever provider.
create index enrollment_user on enrollment (user_id);
create index enrollment_par on enrollment (par);

create view enrollment_status as
select e.provider, e.user_id, e.par, coalesce(e.prior_status, e.status) as class, e.code, e.message,
       case
         when e.resolution_no is not null then 'nobody'
         else case coalesce(e.prior_status, e.status)
           when 'action_required' then case when limits.used_up then 'operations' else 'customer' end
           when 'transient' then case when limits.used_up then 'operations' else 'nobody' end
           when 'ambiguous' then case when limits.used_up then 'operations' else 'nobody' end
           when 'bad_data' then 'list_owner'
           when 'conflict' then 'operations'
           when 'unknown_code' then 'developer'
           else 'nobody'
         end
       end as who_must_act,
       e.since, e.nights, r.id as last_run, e.last_attempt_at, s.resolved_at, s.resolved_by, s.note as resolved_note
from enrollment e
left join run r on r.run_no = e.last_run_no
left join resolution s on s.resolution_no = e.resolution_no
cross join lateral (select e.nights >= coalesce((r.settings #>> '{retry,nights}')::integer, 14) as used_up) as limits;

create view run_summary as
select r.id, r.job, r.kind, r.provider, r.state, r.night, r.list_name as list, r.rows_read,
       c.enrolled, c.recovered, c.already_active, c.already_done, c.action_required, c.bad_data, c.conflict, c.unknown_code,
       c.ambiguous, c.transient, c.rejected, c.duplicate, c.disputed, c.unprocessed, c.resolved,
       (select count(*) from attempt a where a.run_no = r.run_no and a.call = 'register')::integer as calls,
       r.started_at, r.finished_at, r.exit_code, r.exit_reason,
       case when r.finished_at is not null and r.state <> 'refused' then r.exit_code <> 9 and coalesce(r.rows_read, 0) = c.row_count end as totals_agree
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
