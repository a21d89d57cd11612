-- Who gave a record its class where it was not the built-in table. job_file: `outcomes` of the job file. former_rule:
-- `outcomes` of before, which could still make a success of a failure that the provider documents. null: the built-in
-- table, or a failure of before, of which it is not known.
alter table enrollment add column class_given_by text check (class_given_by in ('job_file', 'former_rule'));
-- As of this row's class.
alter table list_row add column class_given_by text check (class_given_by in ('job_file', 'former_rule'));

-- Only `outcomes` could make a success of such a code. An attempt after it that gave the record a class of its own, or
-- success by the provider's word, is what the record is held for now.
update enrollment e
set class_given_by = case when a.code in ('000_002', '001_003', '007_012', '007_015', '007_016', '007_027', '007_031')
                          then 'former_rule' else 'job_file' end
from attempt a
where a.record_no = e.record_no and a.call = 'register' and a.reply_kind = 'answered'
  and a.outcome in ('already_active', 'recovered') and a.code not in ('000_000', '007_017')
  and coalesce(e.prior_status, e.status) = a.outcome
  and not exists (
    select 1 from attempt later
    where later.record_no = a.record_no and later.attempt_no > a.attempt_no
      and later.outcome in ('enrolled', 'recovered', 'already_active', 'action_required', 'bad_data', 'conflict', 'unknown_code')
      and (later.call = 'register' or later.outcome in ('enrolled', 'recovered', 'already_active')));
