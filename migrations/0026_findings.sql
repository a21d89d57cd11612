-- A member's old card is a break of its own: enrolled, no longer listed, and another card of the member was enrolled
-- after the last list it stood in. other_par is that card.
alter table break drop constraint break_kind_check;
alter table break add constraint break_kind_check check (kind in
  ('not_enrolled', 'no_longer_listed', 'par_changed', 'old_card', 'unknown_to_us', 'missing_at_provider', 'other_member'));
-- As they stand in 0007, with the new kind: whose job it is, what other_par may stand beside, and where it must.
alter table break drop constraint break_check;
alter table break add constraint break_job_of_kind check
  ((job is not null) = (kind in ('not_enrolled', 'no_longer_listed', 'par_changed', 'old_card')));
alter table break drop constraint break_check4;
alter table break add constraint break_other_par_of_kind check (other_par is null or kind in ('par_changed', 'old_card'));
alter table break drop constraint break_check6;
alter table break add constraint break_other_par_while_open check
  (state = 'closed' or (kind in ('par_changed', 'old_card')) = (other_par is not null));

-- For people with SQL, as the two views of 0009: docs/sql.md says what its columns mean.
create view open_breaks as
select break_no as number, kind, provider, job, user_id, par, other_user_id, other_par, details,
       first_seen_at, first_night, last_seen_at
from break where state = 'open';
