-- A pause that one process was told (Retry-After, no answers) holds every process that calls this provider.

alter table allowance
  -- By the database's clock; null: none was told yet.
  add column pause_ends_at timestamptz,
  add column pause_why text check (pause_why in ('throttled', 'breaker'));
