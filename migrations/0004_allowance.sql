-- Live runs of several jobs share one provider's rate: how its permits are divided among them.

create table allowance (
  provider      text primary key,
  -- By job: when it was last here by the database's clock, its limits, the permits it holds, whether it wants more.
  shares        jsonb not null default '{}',
  -- The calendar day of jobs that have a limit by it: its end by the database's clock, the calls made or lent in it.
  day           jsonb
);
