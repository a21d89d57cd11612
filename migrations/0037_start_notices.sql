-- A start that did not happen is told to people, once over all processes, also where the one that decided it dies.
alter table cron_start
  -- Starts that came due before it, when nobody looked, and were missed as well.
  add column earlier        int not null default 0 check (earlier >= 0),
  -- What became of the message: people were told, or knew it already.
  add column notice         text check (notice in ('told', 'known')),
  add column noticed_at     timestamptz,
  -- Whoever tells it has until then, and another process tells it afterwards.
  add column telling_until  timestamptz,
  add check ((notice is null) = (noticed_at is null));

-- broken_off: its run was begun, and nobody went on with it before its window closed.
alter table cron_start
  drop constraint cron_start_decision_check,
  add constraint cron_start_decision_check check (decision in ('requested', 'skipped', 'missed', 'broken_off')),
  drop constraint cron_start_check,
  add constraint cron_start_times_check
    check (decision in ('requested', 'broken_off') or (begun_at is null and ended_at is null));

-- What was decided by versions that told nobody is no news any more.
update cron_start set notice = 'known', noticed_at = decided_at where decision <> 'requested';

create index cron_start_untold on cron_start (job) where decision <> 'requested' and notice is null;
