-- Processes of `serve` that make runs, and how many more runs each could begin. A process whose slots are all taken gives a
-- waiting request back when this table shows that another could begin it. Losing a row costs no more than that.
create table serve_worker (
  worker      uuid primary key,
  -- Jobs that it makes runs of.
  jobs        text[] not null,
  free_slots  integer not null check (free_slots >= 0),
  beat_at     timestamptz not null
);
