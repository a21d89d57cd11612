-- Whose fault a 000_002 is: it is believed of a row only where an answer has proved our set-up.

-- Address, ASP id, keys and encryption the run calls under now, as one hash that tells none of them; null: an older
-- version of the program ran it.
alter table run add column setup text;
-- Our clock: its calls of before were made under another set-up.
alter table run add column setup_since timestamptz;
alter table run add check ((setup is null) = (setup_since is null));
create index run_setup on run (setup);

-- held: a 000_002 that nothing has proved the set-up for yet. It says nothing of the record; the first proof makes
-- bad_data of it.
alter table attempt drop constraint attempt_outcome_check;
alter table attempt add constraint attempt_outcome_check check (outcome in
  ('enrolled', 'recovered', 'already_active', 'action_required', 'bad_data', 'conflict', 'unknown_code',
   'ambiguous', 'transient', 'stop_run', 'held'));

-- An unknown_code without a code was refused before the provider read the call, by a gateway: operations'.
create or replace view enrollment_status as
select e.provider, e.user_id, e.par, coalesce(e.prior_status, e.status) as class, e.code, e.message,
       case
         when e.resolution_no is not null then 'nobody'
         else case coalesce(e.prior_status, e.status)
           when 'action_required' then case when limits.used_up then 'operations' else 'customer' end
           when 'transient' then case when limits.used_up then 'operations' else 'nobody' end
           when 'ambiguous' then case when limits.used_up then 'operations' else 'nobody' end
           when 'bad_data' then 'list_owner'
           when 'conflict' then 'operations'
           when 'unknown_code' then case when e.code is null then 'operations' else 'developer' end
           else 'nobody'
         end
       end as who_must_act,
       e.since, e.nights, r.id as last_run, e.last_attempt_at, s.resolved_at, s.resolved_by, s.note as resolved_note
from enrollment e
left join run r on r.run_no = e.last_run_no
left join resolution s on s.resolution_no = e.resolution_no
cross join lateral (select e.nights >= coalesce((r.settings #>> '{retry,nights}')::integer, 14) as used_up) as limits;
