-- Four eyes: a list that somebody uploaded runs only after somebody else approved it.

alter table desk_upload add column needs_approval boolean not null default false;
-- The approval in force: of that file, those settings and that plan. Cleared where one of them is another.
alter table desk_upload add column approved_by text;
alter table desk_upload add column approved_at timestamptz;
alter table desk_upload add column approved_sha256 text;
alter table desk_upload add column approved_settings text;
-- Rows by class as the plan had them, and how many records may be called.
alter table desk_upload add column approved_classes jsonb;
alter table desk_upload add column approved_calls integer;
-- The run that is made under it.
alter table desk_upload add column approved_run_no integer;
-- Why the last approval does not hold any more, with both plans.
alter table desk_upload add column voided jsonb;
-- Who looked at it and said no.
alter table desk_upload add column declined_by text;
alter table desk_upload add column declined_at timestamptz;
alter table desk_upload add column declined_reason text;

alter table desk_upload drop constraint desk_upload_state_check;
alter table desk_upload add constraint desk_upload_state_check check (state in
  ('received', 'planned', 'refused', 'asked', 'running', 'ended', 'withdrawn', 'expired', 'declined'));

-- Nobody approves or declines their own upload, however the name is spelt.
alter table desk_upload add constraint desk_upload_four_eyes check (
  (approved_by is null or lower(btrim(approved_by)) <> lower(btrim(uploaded_by)))
  and (declined_by is null or lower(btrim(declined_by)) <> lower(btrim(uploaded_by))));

-- Nothing is asked for or begins without the approval it needs.
alter table desk_upload add constraint desk_upload_approved check (
  not needs_approval or state not in ('asked', 'running') or approved_by is not null);

alter table desk_upload add constraint desk_upload_approval_whole check (
  num_nulls(approved_by, approved_at, approved_sha256, approved_settings, approved_classes, approved_calls) in (0, 6)
  and approved_calls >= 0
  and (approved_run_no is null or approved_by is not null));

-- An approval is of this file and of these settings, and of none that came later.
alter table desk_upload add constraint desk_upload_approval_fits check (
  approved_by is null or (approved_sha256 = sha256 and approved_settings = settings_sha256));

alter table desk_upload add constraint desk_upload_declined check (
  num_nulls(declined_by, declined_at, declined_reason) in (0, 3)
  and (state <> 'declined' or declined_by is not null));
