-- All lists of a start are read before the first call: a job may have several runs that wait in state staging for their
-- turn. Only one at a time has its turn, see run_unfinished.

drop index run_staging;
create index run_staging on run (job) where state = 'staging';
