-- Asking the provider for the plans of members, to compare them with what the ledger holds. An inquiry changes nothing
-- at the provider, so one whose answer was lost is asked again. Its calls count against the same limits as all others.

create table reconciliation (
  reconciliation_no integer generated always as identity primary key,
  id            text not null unique,
  -- The job it runs as: one of its own, so that it can run beside the job whose settings it has.
  job           text not null check (job ~ '^[a-z0-9-]{1,64}$'),
  provider      text not null,
  -- How many members, spread evenly; null: every member.
  sample        integer check (sample > 0),
  state         text not null check (state in ('staging', 'running', 'stopped', 'complete', 'superseded')),
  settings      jsonb not null,
  -- Null until all of them are staged.
  members       integer check (members >= 0),
  -- As of its end; null before.
  answered      integer check (answered >= 0),
  unclear       integer check (unclear >= 0),
  exit_code     smallint,
  exit_reason   text,
  started_at    timestamptz not null,
  finished_at   timestamptz,
  check ((state = 'complete') <= (members is not null and exit_code is not null and finished_at is not null))
);
-- One a job that can be continued.
create unique index reconciliation_unfinished on reconciliation (job) where state in ('staging', 'running', 'stopped');

-- Those who were answered are forgotten when the reconciliation is complete, those who were not when the next begins.
create table reconciliation_member (
  reconciliation_no integer not null,
  member_no     integer not null check (member_no > 0),
  user_id       text not null check (user_id ~ '^[1-9][0-9]{0,18}$'),
  state         text not null default 'due' check (state in ('due', 'asked', 'unclear')),
  -- Database clock, before the inquiry left that was answered: what the ledger heard later may be newer than the answer.
  asked_at      timestamptz,
  http_status   smallint,
  code          text,
  correlation_id text,
  primary key (reconciliation_no, member_no),
  unique (reconciliation_no, user_id),
  check ((state = 'asked') <= (asked_at is not null))
);

-- What the answers hold, until the reconciliation is complete.
create table reconciliation_plan (
  reconciliation_no integer not null,
  member_no     integer not null,
  par           text not null check (par ~ '^[A-Z0-9]{27}$'),
  primary key (reconciliation_no, member_no, par)
);

-- One row an inquiry, written before it leaves. No ids.
create table reconciliation_call (
  correlation_id text primary key,
  reconciliation_no integer not null,
  member_no     integer not null,
  night         date not null,
  -- Database clock, before it left.
  marked_at     timestamptz not null default clock_timestamp(),
  -- Our clock, when the request's headers were written; until its end is known when it was signed.
  sent_at       timestamptz not null,
  latency_ms    real,
  reply_kind    text not null default 'under_way' check (reply_kind in
                  ('under_way', 'answered', 'not_sent', 'no_answer', 'lost')),
  http_status   smallint,
  code          text,
  message       text,
  error         text
);
create index reconciliation_call_sent on reconciliation_call (reconciliation_no, sent_at);
create index reconciliation_call_time on reconciliation_call (sent_at);
