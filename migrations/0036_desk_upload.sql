-- Lists that people upload at the desk of `serve`. The files lie below the report folder until they are forgotten.
create table desk_upload (
  id               uuid primary key,
  job              text not null,
  -- As the person's machine calls it, cleaned; and as it is called in its folder.
  file_name        text not null,
  stored_name      text not null,
  sha256           text not null,
  bytes            bigint not null check (bytes >= 0),
  uploaded_by      text not null,
  uploaded_at      timestamptz not null,
  state            text not null check (state in
                     ('received', 'planned', 'refused', 'asked', 'running', 'ended', 'withdrawn', 'expired')),
  -- A person looked at a list that is like a damaged one, and takes it as it is.
  said_yes         boolean not null default false,
  -- What a run would do, without whole ids, and the settings it was found out under; or why the list was refused.
  plan             jsonb,
  settings_sha256  text,
  planned_at       timestamptz,
  refusal          jsonb,
  -- In the queue. Another one each time somebody asks for a run, since a queue takes each but once.
  request          uuid unique,
  asked_by         text,
  asked_at         timestamptz,
  begun_at         timestamptz,
  run_no           integer references run on delete set null,
  ended_at         timestamptz,
  exit_code        integer,
  exit_cause       text,
  exit_reason      text,
  check (state not in ('planned', 'asked', 'running', 'ended') or plan is not null),
  check (state <> 'refused' or refusal is not null),
  check (state not in ('asked', 'running', 'ended') or (request is not null and asked_by is not null)),
  check (state <> 'running' or begun_at is not null),
  check ((state = 'ended') = (ended_at is not null and exit_code is not null and exit_cause is not null))
);
create index desk_upload_open on desk_upload (job) where state in ('received', 'asked', 'running');
create index desk_upload_by_time on desk_upload (uploaded_at);
