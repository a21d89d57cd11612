-- When a call left, as our clock would have said had nobody put it elsewhere while the run called; null: nobody had, so
-- that sent_at says it.
alter table attempt add column steady_at timestamptz;
create index attempt_steady on attempt (run_no, steady_at) where steady_at is not null;
