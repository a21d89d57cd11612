-- Folders into which people put lists, so that what was moved within them can be forgotten.
create table inbox (
  folder    text primary key,
  noted_at  timestamptz not null
);

-- The file of a run that came from an inbox. It is moved once the run is complete; killed in between, the next start of
-- the job finishes the move without calling anybody.
create table inbox_file (
  run_no    integer primary key references run on delete cascade,
  folder    text not null references inbox,
  name      text not null,
  -- Device, file number, size and time of the last change: another file of that name is another list.
  identity  text not null,
  moved_at  timestamptz
);
create index inbox_file_left on inbox_file (folder) where moved_at is null;
