-- Who did what at the upload desk, in a chain: the hash of each entry covers the one before it.

-- One row from the first entry on: where the chain begins and ends. Whoever appends holds this row until the commit.
create table audit_chain (
  is_only       boolean primary key default true check (is_only),
  first_no      bigint not null default 1,
  -- The hash before the first entry: empty, or that of the last entry that was purged.
  first_hash    text not null default '',
  last_no       bigint not null,
  last_hash     text not null,
  check (first_no >= 1 and last_no >= first_no - 1)
);

create table audit_entry (
  entry_no      bigint primary key,
  at            timestamptz not null,
  -- The person as the sign-in tells it; the program itself where nobody did it.
  who           text not null check (length(who) between 1 and 320),
  what          text not null check (what in (
    'signed_in', 'signed_out', 'uploaded', 'planned', 'approved', 'refused', 'withdrawn', 'expired', 'voided',
    'started', 'ended', 'downloaded', 'settled', 'purged')),
  upload_id     uuid,
  run_id        text,
  -- The entry of access_log of a download that holds whole ids. Either may be purged before the other.
  access_no     bigint,
  -- A reason or a figure, with what looks like an id masked.
  detail        text check (length(detail) <= 1000),
  hash          text not null
);

create index audit_entry_upload on audit_entry (upload_id) where upload_id is not null;

-- SHA-256 of the hash before and the entry as a JSON array, so that anybody can compute it again.
create function audit_hash(before text, entry_no bigint, at timestamptz, who text, what text, upload_id uuid,
                           run_id text, access_no bigint, detail text) returns text
  language sql stable as $$
  select encode(sha256(convert_to(json_build_array(
    before, entry_no, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), who, what, upload_id, run_id,
    access_no, detail)::text, 'UTF8')), 'hex')
$$;

-- Entries are written once. A purge moves the begin of the chain first, and deletes only what lies before it.
create function keep_audit_entry() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and tg_table_name = 'audit_entry' then
    if old.entry_no < (select first_no from audit_chain) then
      return old;
    end if;
  end if;
  raise exception 'an entry of the audit trail is never changed, and only a purge deletes one';
end
$$;

create trigger audit_entry_kept before update or delete on audit_entry
  for each row execute function keep_audit_entry();
create trigger audit_entry_not_truncated before truncate on audit_entry
  for each statement execute function keep_audit_entry();
create trigger audit_chain_kept before delete on audit_chain
  for each row execute function keep_audit_entry();

-- Two people may have the same file at the same moment; each is an entry.
alter table access_log drop constraint access_log_at_host_pid_action_what_key;
alter table access_log add unique (at, actor, host, pid, action, what);
