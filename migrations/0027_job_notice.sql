-- What people were told of a job, so that the next start tells only what is new. It holds no id of a member.
create table job_notice (
  job         text primary key,
  -- How the last start stood, and how the last one that was told did; told is null while nobody was told anything.
  seen        jsonb not null,
  told        jsonb,
  told_at     timestamptz,
  -- Codes of the provider nobody knows that were told once.
  told_codes  text[] not null default '{}',
  check ((told is null) = (told_at is null))
);
