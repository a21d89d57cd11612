-- How each job's last start ended and what it did, whatever kept it from beginning a run: what metrics are told from.

create table job_end (
  job          text primary key,
  ended_at     timestamptz not null,
  exit_code    smallint not null,
  exit_cause   text not null,
  -- The last start that did its work, as a dead man's switch has it; null: none yet.
  succeeded_at timestamptz,
  -- Of the runs of the last start that had any; see start-figures.ts.
  figures      jsonb
);

-- Open breaks are counted by kind and night whenever metrics are asked for; most breaks are closed.
create index break_open on break (kind, first_night, first_seen_at) where state = 'open';
