-- Breaks: two of list, ledger and provider say different things of one member's card. Kept until somebody has an
-- explanation or a comparison no longer finds them, with their age. What came back after it was gone is a new one.

create table break (
  -- What people name it by.
  break_no      integer generated always as identity primary key,
  provider      text not null,
  kind          text not null check (kind in
                  ('not_enrolled', 'no_longer_listed', 'par_changed', 'unknown_to_us', 'missing_at_provider', 'other_member')),
  -- The job whose list it is about. Null: it comes of asking the provider.
  job           text,
  -- The record. par_changed: as the list has it. other_member: as the ledger has it. Null: forgotten by a purge.
  user_id       text check (user_id ~ '^[1-9][0-9]{0,18}$'),
  par           text check (par ~ '^[A-Z0-9]{27}$'),
  -- other_member: the member among whose plans the PAR was found.
  other_user_id text check (other_user_id ~ '^[1-9][0-9]{0,18}$'),
  -- par_changed: the PAR that is enrolled.
  other_par     text check (other_par ~ '^[A-Z0-9]{27}$'),
  -- More of what was found, such as the class and code that stand in the way, as of last_seen_at. No ids.
  details       text,
  first_seen_at timestamptz not null,
  -- Noon to noon, named by the date of its evening: ages count from here.
  first_night   date not null,
  last_seen_at  timestamptz not null,
  state         text not null default 'open' check (state in ('open', 'explained', 'closed')),
  -- Since when it is explained; who wrote the note that stands, which may be a later one.
  explained_at  timestamptz,
  explained_by  text,
  note          text,
  closed_at     timestamptz,
  closed_night  date,
  check ((job is not null) = (kind in ('not_enrolled', 'no_longer_listed', 'par_changed'))),
  check ((user_id is null) = (par is null)),
  check (state = 'closed' or user_id is not null),
  check (other_user_id is null or kind = 'other_member'),
  check (other_par is null or kind = 'par_changed'),
  check (state = 'closed' or (kind = 'other_member') = (other_user_id is not null)),
  check (state = 'closed' or (kind = 'par_changed') = (other_par is not null)),
  check (state = 'closed' or (state = 'explained') = (explained_at is not null)),
  check (state = 'closed' or (explained_at is null) = (note is null)),
  check ((explained_at is null) = (explained_by is null)),
  check (note is null or explained_at is not null),
  check ((state = 'closed') = (closed_at is not null)),
  check ((state = 'closed') = (closed_night is not null)),
  check (last_seen_at >= first_seen_at)
) with (fillfactor = 80);
-- Seen again it is the same break, as long as it was not gone.
create unique index break_current on break (user_id, par, kind, provider, job, other_user_id, other_par)
  nulls not distinct where state <> 'closed';
