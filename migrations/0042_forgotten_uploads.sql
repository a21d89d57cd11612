-- Uploads are forgotten by age, by a purge that knows no job file: it has to know where their files lie.
alter table desk_upload
  -- The absolute report folder, and the machine on which the file arrived; null: kept by a version that did not say.
  add column reports_directory  text,
  add column host               text,
  -- From then on nobody reads it again or asks for its run.
  add column purge_began_at     timestamptz,
  add column purged_at          timestamptz,
  add check (purged_at is null or purge_began_at is not null),
  add constraint desk_upload_purged_is_over
    check (purge_began_at is null or state in ('refused', 'ended', 'withdrawn', 'expired', 'declined'));
