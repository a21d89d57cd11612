-- Only a table's owner may have it analyzed before PostgreSQL 17, and whoever runs the program need not be the owner.
-- The path is that of the ledger, whatever the caller's is.
create function refresh_list_statistics() returns void
  language sql security definer set search_path from current
  as 'analyze list_row, enrollment';

revoke execute on function refresh_list_statistics() from public;
