-- Who was told that a person's pause began, or that it is over: once for each set of places, over all processes.
create table pause_notice (
  pause_no       integer not null references provider_pause on delete cascade,
  event          text not null check (event in ('paused', 'resumed')),
  -- A hash of the places' addresses.
  places         text not null,
  -- Whoever tells it has until then, and another process tells it afterwards.
  telling_until  timestamptz not null,
  told_at        timestamptz,
  primary key (pause_no, event, places)
);
