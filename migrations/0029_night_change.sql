-- What a list brought otherwise than the night before, a row each, as it was found at the run's end: the figures of
-- run.night_difference, name by name. No id stands here: the rows of the lists say whose they are, until a purge.
create table night_change (
  run_no        integer not null,
  -- In the order people read them.
  change_no     integer not null check (change_no > 0),
  -- changed: a member under another PAR; its records are among new and gone too.
  change        text not null check (change in ('new', 'gone', 'changed', 'newly_failing', 'cured')),
  -- The row of this run's list. Null: gone.
  row_no        integer,
  -- The row of the list it was compared with. Null: it stood in none.
  before_run_no integer,
  before_row_no integer,
  primary key (run_no, change_no),
  check ((change = 'gone') = (row_no is null)),
  check ((before_run_no is null) = (before_row_no is null)),
  check (before_row_no is not null or change in ('new', 'newly_failing'))
);
