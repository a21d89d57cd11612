-- The limits a run had before it was continued under others: each with the time until which they held, oldest first. So
-- that what was called under each is measured by each.
alter table run add column earlier_limits jsonb not null default '[]';
