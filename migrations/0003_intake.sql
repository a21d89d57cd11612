-- How a list was read: what its totals are compared with, and what a person is told of it.

alter table run add column title_lines integer;
alter table run add column totals_lines integer;
-- Format, encoding and how it was found, masked samples, header, lines that are no rows, cells put right; no ids.
alter table run add column list_notes jsonb;
