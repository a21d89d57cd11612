-- A person has every process of this ledger wait with its calls to a provider. Each request is kept: who, when and why.

create table provider_pause (
  pause_no   integer generated always as identity primary key,
  provider   text not null,
  -- All times are by the database's clock.
  began_at   timestamptz not null default clock_timestamp(),
  ends_at    timestamptz not null,
  paused_by  text not null,
  note       text,
  -- Ended before its time; null: it was not.
  resumed_at timestamptz,
  resumed_by text,
  check (ends_at > began_at),
  check ((resumed_at is null) = (resumed_by is null))
);

-- What is under way is asked for every second by every run.
create index provider_pause_end on provider_pause (provider, ends_at);
