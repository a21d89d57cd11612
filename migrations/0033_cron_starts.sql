-- Cron lines of jobs that `serve` starts, and until when somebody has looked at each: what came due since is decided once,
-- however many processes serve. A line that nobody has looked at before owes no start.
create table cron_line (
  job         text not null,
  line        text not null,
  time_zone   text not null,
  looked_at   timestamptz not null,
  primary key (job, line, time_zone)
);

-- What was decided about a start that came due: one for a job and an instant.
create table cron_start (
  request     uuid primary key default gen_random_uuid(),
  job         text not null,
  due_at      timestamptz not null,
  -- Nobody begins it from then on.
  closes_at   timestamptz not null,
  decision    text not null check (decision in ('requested', 'skipped', 'missed')),
  decided_at  timestamptz not null,
  -- A worker took it for the first time; its run is over, one way or other.
  begun_at    timestamptz,
  ended_at    timestamptz,
  unique (job, due_at),
  check (decision = 'requested' or (begun_at is null and ended_at is null))
);
create index cron_start_open on cron_start (job) where decision = 'requested' and ended_at is null;
