-- Who somebody is at the desk: an account of the sign-in's provider (its issuer, #, and `sub`). The e-mail address gives
-- roles and is shown; it may change hands, and an account may have several. Null: no account was told (a proxy names an
-- address alone; rows of earlier versions).

-- Everybody signs in once more, so that each session has an account.
delete from desk_session;
alter table desk_session
  -- Names the session on a page, where its token and its hash have no place.
  add column session_id  uuid not null default gen_random_uuid() unique,
  add column account     text not null check (length(account) between 3 and 1000);
create index desk_session_account on desk_session (account);

alter table desk_upload
  add column uploaded_account  text,
  add column asked_account     text,
  add column approved_account  text,
  add column declined_account  text;

-- Neither by another address of the same account, nor by the same address in another account. Where an account uploaded,
-- an account decides.
alter table desk_upload drop constraint desk_upload_four_eyes;
alter table desk_upload add constraint desk_upload_four_eyes check (
  (approved_by is null or lower(btrim(approved_by)) <> lower(btrim(uploaded_by)))
  and (declined_by is null or lower(btrim(declined_by)) <> lower(btrim(uploaded_by)))
  and (approved_by is null or uploaded_account is null
       or (approved_account is not null and approved_account <> uploaded_account))
  and (declined_by is null or uploaded_account is null
       or (declined_account is not null and declined_account <> uploaded_account)));

alter table audit_entry drop constraint audit_entry_what_check;
alter table audit_entry add constraint audit_entry_what_check check (what in (
  'signed_in', 'signed_out', 'session_ended', 'sign_in_refused', 'not_allowed', 'uploaded', 'let_pass', 'read_again',
  'planned', 'approved', 'refused', 'withdrawn', 'expired', 'voided', 'started', 'ended', 'downloaded', 'settled',
  'purged'));
-- The account of the person; null where none was told, and in entries of earlier versions.
alter table audit_entry add column account text check (length(account) <= 1000);

-- The account is a tenth element of the JSON array, where there is one: entries without keep the hash they have.
drop function audit_hash(text, bigint, timestamptz, text, text, uuid, text, bigint, text);
create function audit_hash(before text, entry_no bigint, at timestamptz, who text, what text, upload_id uuid,
                           run_id text, access_no bigint, detail text, account text default null) returns text
  language sql stable as $$
  select encode(sha256(convert_to((case when account is null
    then json_build_array(before, entry_no,
      to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), who, what, upload_id, run_id, access_no, detail)
    else json_build_array(before, entry_no,
      to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), who, what, upload_id, run_id, access_no, detail,
      account) end)::text, 'UTF8')), 'hex')
$$;

-- Appends an entry to the chain and returns its number. Two transactions that append wait for each other.
create function append_audit(at timestamptz, who text, what text, upload_id uuid, run_id text, access_no bigint,
                             detail text, account text) returns bigint language sql as $$
  with linked as (
    insert into audit_chain as chain (last_no, last_hash)
    values (1, audit_hash('', 1, $1, $2, $3, $4, $5, $6, $7, $8))
    on conflict (is_only) do update set last_no = chain.last_no + 1,
      last_hash = audit_hash(chain.last_hash, chain.last_no + 1, $1, $2, $3, $4, $5, $6, $7, $8)
    returning last_no, last_hash)
  insert into audit_entry (entry_no, at, who, what, upload_id, run_id, access_no, detail, account, hash)
  select last_no, $1, $2, $3, $4, $5, $6, $7, $8, last_hash from linked
  returning entry_no
$$;

-- For operations, since nobody at the desk may end other people's sessions: ends those of a person (an e-mail address, in
-- any account), or everybody's where that is null. Returns how many; each is an entry of the trail, by the database's role.
create function end_desk_sessions(of_person text) returns integer language plpgsql as $$
declare
  ended record;
  sessions integer := 0;
begin
  for ended in delete from desk_session where of_person is null or person = lower(btrim(of_person)) returning person loop
    sessions := sessions + 1;
    perform append_audit(now(), session_user::text, 'session_ended', null, null, null, 'of ' || ended.person, null);
  end loop;
  return sessions;
end
$$;
