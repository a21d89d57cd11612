-- maxCalls is one purse a job and night, of the job's runs, retries and reconciliations together.

alter table allowance
  -- By night and job: the calls made from it, and those lent to live runs.
  add column purses jsonb not null default '{}';

-- Calls that a person's request made from a purse of its own (--max-calls): they are not the job's.
create table own_calls (
  job    text not null,
  night  date not null,
  calls  integer not null check (calls > 0),
  primary key (job, night)
);
