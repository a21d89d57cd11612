-- Finds the rows of a member in all lists. An ordinary index on the user id would cost half as much again as writing the
-- rows of a list. This one keeps a filter for each 16 pages, and only of pages that were summarized: it costs nothing
-- while a list is staged. A search reads the pages whose filter may hold the id, and those without a filter.
create index list_row_user on list_row
  using brin (user_id text_bloom_ops (n_distinct_per_range = 400, false_positive_rate = 0.001))
  with (pages_per_range = 16);

-- Only a table's owner may summarize its index; whoever runs the program need not be the owner. Autovacuum does it too,
-- but an embedded ledger has none. Another process that does the same at this moment is not waited for.
create function summarize_list_rows() returns void
  language plpgsql security definer set search_path from current set lock_timeout = '100ms' as $$
begin
  perform brin_summarize_new_values('list_row_user');
exception
  when lock_not_available then null;
end $$;

-- The planner expects such an index to lead to every page, and prefers to read the whole table.
create function list_rows_of_member(member text) returns setof list_row
  language plpgsql set search_path from current set enable_seqscan = off as $$
begin
  perform summarize_list_rows();
  return query select * from list_row where user_id = member;
end $$;
