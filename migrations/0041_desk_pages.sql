-- Pages of the upload desk go through open breaks of a kind, and through a list's rejected rows, fifty at a time. Without
-- these a page of the last of them reads all before it. A rejected row has no user id; that never changes while a run
-- calls, so no call writes this index.
create index break_open_page on break (kind, first_night, break_no) where state = 'open';
create index list_row_without_ids on list_row (run_no, row_no) where user_id is null;
