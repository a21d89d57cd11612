-- Who was shown or given whole ids, and what was forgotten of old lists.

-- Kept for two years at least, whatever else is forgotten. No id stands in it.
create table access_log (
  entry_no      bigint generated always as identity primary key,
  at            timestamptz not null,
  -- The operating system's user, the machine and the process: never what an environment variable says.
  actor         text not null,
  host          text not null,
  pid           integer not null,
  -- shown: on a screen or in JSON. exported: in the lists of a run folder. purged: forgotten.
  action        text not null check (action in ('shown', 'exported', 'purged')),
  -- The command, and the run or record it was about.
  what          text not null,
  rows          integer not null check (rows >= 0),
  -- As it was given, but for what looks like an id.
  reason        text,
  check (action <> 'shown' or reason is not null),
  -- An entry whose commit went unheard is written once.
  unique (at, host, pid, action, what)
);

-- Set before the first of a run's ids is forgotten, and when the last is: in between it is gone on with by the next purge.
alter table run add column purge_began_at timestamptz;
alter table run add column purged_at timestamptz;
alter table run add check (purged_at is null or purge_began_at is not null);

-- True: the row counts and keeps its class, code and times, but holds nothing any more of whose it is.
alter table list_row add column purged boolean not null default false;
-- The second of the table's own checks in 0001: a row without ids was rejected, or has been purged.
alter table list_row drop constraint list_row_check1;
alter table list_row add check (user_id is not null or class = 'rejected' or purged);
alter table list_row add check (not purged or (user_id is null and message is null and cells = '{}'));

-- Records that stood in no list any more when a purge looked: to be deleted unless one has come since.
create table purge_candidate (
  record_no     bigint primary key,
  -- Lists of later runs may have it again.
  as_of_run_no  integer not null
);
