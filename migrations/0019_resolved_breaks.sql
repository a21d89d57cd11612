-- A record is settled and the breaks it stands in are explained by one decision: which resolution explains a break.
-- Null: it is open, or a person explained the break itself.

alter table break add column resolution_no integer;
alter table break add check (resolution_no is null or state <> 'open');
