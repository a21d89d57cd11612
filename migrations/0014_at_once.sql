-- The most calls at once that the provider was found to bear during the run; null: none beyond it were refused, or
-- those at fewer too.

alter table run add column learnt_at_once integer check (learnt_at_once > 0);
